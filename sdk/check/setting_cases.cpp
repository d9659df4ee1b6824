// Cases of a module's settings.
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "check/case.hpp"
#include "check/rig.hpp"

namespace gantry::sdk::check {
namespace {

constexpr int random_values = 4;  // of each key, beside its bounds

bool loads(const Subject& subject, const fake::Settings& settings, std::string& why) {
  try {
    const Rig rig(subject, {.settings = settings});
    return true;
  } catch (const std::invalid_argument& refused) {
    why = refused.what();
    return false;
  }
}

void expect_refused(const Subject& subject, const std::string& key, fake::SettingValue value,
                    const std::string& what) {
  std::string why;
  if (loads(subject, {{key, std::move(value)}}, why))
    throw Failed("setting " + key + ": " + what + " is taken");
}

// As a configuration gives it: of an array of tables, in the first.
std::string key_given(const gantry_setting& setting) {
  std::string key = setting.key;
  if (const size_t at = key.find("[]."); at != key.npos) key.insert(at + 1, "0");
  return key;
}

double number_of(const gantry_value& value) {
  return value.kind == GANTRY_F64 ? value.as.f : static_cast<double>(value.as.i);
}

fake::SettingValue value_of(const gantry_setting& setting, const gantry_value& value) {
  if (setting.kind == GANTRY_F64) return number_of(value);
  return value.as.i;
}

void check_bounds(const Subject& subject, const gantry_setting& setting) {
  const bool is_number = setting.kind == GANTRY_I64 || setting.kind == GANTRY_F64;
  const std::string key = key_given(setting);
  for (const gantry_value& bound : {setting.least, setting.most}) {
    if (bound.kind == GANTRY_NULL) continue;
    if (!is_number || (bound.kind != GANTRY_I64 && bound.kind != GANTRY_F64))
      throw Failed("setting " + key + ": a bound is no number, so no host keeps it");
    if (std::isnan(number_of(bound))) throw Failed("setting " + key + ": a bound is not a number");
  }
  if (!is_number) return expect_refused(subject, key, fake::SettingValue(0.5), "0.5");
  if (setting.least.kind != GANTRY_NULL && setting.most.kind != GANTRY_NULL &&
      number_of(setting.least) > number_of(setting.most))
    throw Failed("setting " + key + ": nothing lies between its bounds");
  const bool integer = setting.kind == GANTRY_I64;
  if (setting.least.kind == setting.kind &&
      (!integer || setting.least.as.i > std::numeric_limits<int64_t>::min()))
    expect_refused(subject, key,
                   integer ? fake::SettingValue(setting.least.as.i - 1)
                           : fake::SettingValue(std::nextafter(setting.least.as.f, -HUGE_VAL)),
                   "less than its least value");
  if (setting.most.kind == setting.kind &&
      (!integer || setting.most.as.i < std::numeric_limits<int64_t>::max()))
    expect_refused(subject, key,
                   integer ? fake::SettingValue(setting.most.as.i + 1)
                           : fake::SettingValue(std::nextafter(setting.most.as.f, HUGE_VAL)),
                   "more than its greatest value");
}

// In [least, most], small ones as likely as large ones.
fake::SettingValue random_value(const gantry_setting& setting, std::mt19937_64& random) {
  const double part = static_cast<double>(random() % 1024) / 1024;
  const double least = number_of(setting.least);
  const double width = number_of(setting.most) - least;
  if (setting.kind == GANTRY_F64) return least + part * width;
  const auto above = static_cast<int64_t>(std::pow(width + 1, part)) - 1;
  return setting.least.as.i + above;
}

// It starts, or says which other key, of its own or of the node, forbids the value.
void expect_taken(const Subject& subject, const gantry_setting& setting,
                  const fake::SettingValue& value, const std::string& folder) {
  Rig rig(subject, {.folder = folder, .settings = {{key_given(setting), value}}});
  try {
    rig.start();
  } catch (const std::runtime_error& refused) {
    const std::string why = refused.what();
    for (const char* of_node : {"node.", "commitlog.", "door."})
      if (why.find(of_node) != why.npos) return;
    for (uint32_t i = 0; i < subject.module->setting_count; ++i) {
      const std::string other = key_given(*subject.module->settings[i]);
      if (other != key_given(setting) && why.find(other) != why.npos) return;
    }
    throw Failed(std::string("setting ") + setting.key + " was refused within its bounds: " + why);
  }
  rig.host.run_until_idle();
  rig.stop();
}

}  // namespace

void refuses_bad_settings(Subject& subject) {
  std::string why;
  if (!loads(subject, {}, why)) throw Failed("its defaults are not valid: " + why);
  if (subject.module->setting_count == 0) throw Skipped("it has no settings");
  expect_refused(subject, "no_such_setting_of_any_module", true, "an unknown key");
  for (uint32_t i = 0; i < subject.module->setting_count; ++i)
    check_bounds(subject, *subject.module->settings[i]);
}

void takes_valid_settings(Subject& subject) {
  if (subject.module->setting_count == 0) throw Skipped("it has no settings");
  std::mt19937_64 random(subject.seed);
  for (uint32_t i = 0; i < subject.module->setting_count; ++i) {
    const gantry_setting& setting = *subject.module->settings[i];
    auto expect = [&, n = 0](const fake::SettingValue& value) mutable {
      expect_taken(subject, setting, value,
                   std::string("store-") + std::to_string(i) + "-" + std::to_string(n++));
    };
    if (setting.kind == GANTRY_BOOL) {
      expect(true);
      expect(false);
    } else if (setting.least.kind == setting.kind && setting.most.kind == setting.kind) {
      expect(value_of(setting, setting.least));
      expect(value_of(setting, setting.most));
      for (int n = 0; n < random_values; ++n) expect(random_value(setting, random));
    }
  }
}

}  // namespace gantry::sdk::check
