// The disk itself: what is synced survives, what isn't may or may not, and nothing else comes.
#include "support/lying_disk.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <set>
#include <string>

using namespace gantry::testing;

namespace {

constexpr uint64_t seeds = 200;

struct Machine {
  explicit Machine(uint64_t seed) : disk(seed) {
    disk.make_folders("/d");
    disk.sync_all();
  }

  LyingDisk::NodeRef open(const std::string& path, bool create = true) {
    LyingDisk::NodeRef file;
    disk.open(path, create, file);
    return file;
  }
  void write(const LyingDisk::NodeRef& file, uint64_t at, const std::string& text) {
    size_t put = 0;
    REQUIRE(disk.write(file, at, {reinterpret_cast<const uint8_t*>(text.data()), text.size()},
                       put) == 0);
    REQUIRE(put == text.size());
  }
  // The file's text; "none" when there is no such file.
  std::string text(const std::string& path) {
    const auto file = open(path, false);
    if (!file) return "none";
    std::string out(disk.size(file), '\0');
    size_t got = 0;
    REQUIRE(disk.read(file, 0, {reinterpret_cast<uint8_t*>(out.data()), out.size()}, got) == 0);
    return out;
  }
  // A file of `text` that survives everything.
  LyingDisk::NodeRef make(const std::string& path, const std::string& text) {
    const auto file = open(path);
    write(file, 0, text);
    REQUIRE(disk.sync(file) == 0);
    REQUIRE(disk.sync_folder("/d") == 0);
    return file;
  }

  LyingDisk disk;
};

// Every outcome of a power cut after `deeds`, over many seeds.
template <class Deeds, class Look>
std::set<std::string> outcomes(Deeds&& deeds, Look&& look) {
  std::set<std::string> found;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    Machine machine(seed);
    deeds(machine);
    machine.disk.lose_power();
    found.insert(look(machine));
  }
  return found;
}

using Texts = std::set<std::string>;

}  // namespace

TEST_CASE("what was synced survives every power cut") {
  const auto found = outcomes([](Machine& m) { m.make("/d/f", "text"); },
                              [](Machine& m) { return m.text("/d/f"); });
  REQUIRE(found == Texts{"text"});
}

TEST_CASE("a new file without a sync of its folder may be missing, without its own be empty") {
  const auto unsynced = outcomes([](Machine& m) { m.write(m.open("/d/f"), 0, "t"); },
                                 [](Machine& m) { return m.text("/d/f"); });
  REQUIRE(unsynced == Texts{"none", "", std::string(1, '\0'), "t"});
  const auto no_folder = outcomes(
      [](Machine& m) {
        const auto file = m.open("/d/f");
        m.write(file, 0, "t");
        m.disk.sync(file);
      },
      [](Machine& m) { return m.text("/d/f"); });
  REQUIRE(no_folder == Texts{"none", "t"});
}

TEST_CASE("unsynced pages survive each for itself, torn at sectors, in any version they had") {
  constexpr uint64_t page = LyingDisk::page_bytes;
  bool only_second = false;
  bool only_first = false;
  bool torn = false;
  bool older = false;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    Machine m(seed);
    const auto file = m.make("/d/f", std::string(2 * page, '0'));
    for (const char version : {'1', '2', '3'}) m.write(file, 0, std::string(2 * page, version));
    m.disk.lose_power();
    const std::string text = m.text("/d/f");
    REQUIRE(text.size() == 2 * page);
    const auto whole = [&](size_t at, char c) {
      return text.substr(at, page) == std::string(page, c);
    };
    only_first |= whole(0, '3') && whole(page, '0');
    only_second |= whole(0, '0') && whole(page, '3');
    older |= whole(0, '1') || whole(0, '2');
    torn |= text[0] != text[page - 1];
    for (size_t at = 0; at < text.size(); at += LyingDisk::sector_bytes) {
      const std::string sector = text.substr(at, LyingDisk::sector_bytes);
      REQUIRE(sector == std::string(LyingDisk::sector_bytes, sector[0]));
    }
  }
  REQUIRE((only_first && only_second && torn && older));
}

TEST_CASE("a rename without a sync happened or not, never half") {
  const auto found = outcomes(
      [](Machine& m) {
        m.make("/d/f", "old");
        m.make("/d/f.new", "new");
        m.disk.rename("/d/f.new", "/d/f");
      },
      [](Machine& m) { return m.text("/d/f") + " " + m.text("/d/f.new"); });
  REQUIRE(found == Texts{"old new", "new none"});
}

TEST_CASE("a removal without a sync may come undone") {
  const auto found = outcomes(
      [](Machine& m) {
        m.make("/d/f", "text");
        m.disk.remove("/d/f");
      },
      [](Machine& m) { return m.text("/d/f"); });
  REQUIRE(found == Texts{"none", "text"});
}

TEST_CASE("a page whose sync failed is clean and not on the device until it is written again") {
  bool lost = false;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    Machine m(seed);
    const auto file = m.make("/d/f", "old");
    m.write(file, 0, "new");
    m.disk.fail_calls(1'000'000);
    REQUIRE(m.disk.sync(file) != 0);
    m.disk.fail_calls(0);
    REQUIRE(m.text("/d/f") == "new");  // the machine still sees it
    REQUIRE(m.disk.sync(file) == 0);
    REQUIRE_FALSE(m.disk.holds("/d/f", 0, 3));
    const bool again = seed % 2 == 0;
    if (again) {
      m.write(file, 0, "new");
      REQUIRE(m.disk.sync(file) == 0);
      REQUIRE(m.disk.holds("/d/f", 0, 3));
    }
    m.disk.lose_power();
    lost |= m.text("/d/f") == "old";
    if (again) REQUIRE(m.text("/d/f") == "new");
  }
  REQUIRE(lost);
}

TEST_CASE("a size without a sync may be the old one") {
  const auto found = outcomes(
      [](Machine& m) {
        const auto file = m.make("/d/f", "ab");
        m.disk.resize(file, 4);
        m.disk.resize(file, 1);
      },
      [](Machine& m) { return std::to_string(m.text("/d/f").size()); });
  REQUIRE(found == Texts{"1", "2", "4"});
}

TEST_CASE(
    "a killed process leaves all it wrote; a machine that stopped answers errors until then") {
  Machine m(1);
  const auto file = m.open("/d/f");
  REQUIRE(m.disk.lock(file, &m) == 0);
  m.write(file, 0, "text");
  m.disk.stop();
  size_t put = 0;
  REQUIRE(m.disk.write(file, 0, {}, put) == EIO);
  REQUIRE(m.disk.sync(file) == EIO);
  REQUIRE(m.disk.rename("/d/f", "/d/g") == EIO);
  m.disk.go_on();
  REQUIRE(m.text("/d/f") == "text");
}

TEST_CASE("a power cut ends locks and handles, and maps keep their bytes") {
  Machine m(1);
  const auto file = m.make("/d/f", "text");
  REQUIRE(m.disk.lock(file, &m) == 0);
  REQUIRE(m.disk.lock(file, &seeds) == EAGAIN);
  const auto memory = m.disk.memory(file);
  m.disk.lose_power();
  size_t put = 0;
  REQUIRE(m.disk.write(file, 0, {}, put) == EIO);
  m.disk.store(file, 0, {});
  REQUIRE(memory[0] == 't');
  REQUIRE(m.disk.lock(m.open("/d/f", false), &seeds) == 0);
}

TEST_CASE("every call that changes something can fail, and a failed write ends anywhere") {
  std::set<size_t> ends;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    Machine m(seed);
    const auto file = m.make("/d/f", "");
    m.disk.fail_calls(1'000'000);
    LyingDisk::NodeRef other;
    REQUIRE(m.disk.open("/d/g", true, other) != 0);
    REQUIRE(m.disk.resize(file, 10) != 0);
    REQUIRE(m.disk.zero(file, 0, 1) != 0);
    REQUIRE(m.disk.sync(file) != 0);
    REQUIRE(m.disk.sync_folder("/d") != 0);
    REQUIRE(m.disk.rename("/d/f", "/d/g") != 0);
    REQUIRE(m.disk.remove("/d/f") != 0);
    REQUIRE(m.disk.make_folders("/d/e") != 0);
    size_t put = 0;
    const uint8_t bytes[4] = {1, 2, 3, 4};
    REQUIRE(m.disk.write(file, 0, bytes, put) != 0);
    ends.insert(m.disk.size(file));
  }
  REQUIRE(ends == std::set<size_t>{0, 1, 2, 3, 4});
}

TEST_CASE("the machine stops at the call it was told to, before or after its effect") {
  std::set<std::string> found;
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    Machine m(seed);
    m.make("/d/f", "old");
    m.disk.stop_after(2);
    LyingDisk::NodeRef file = m.open("/d/g");
    REQUIRE_FALSE(m.disk.off());
    REQUIRE(m.disk.remove("/d/f") == EIO);
    REQUIRE(m.disk.off());
    m.disk.go_on();
    found.insert(m.text("/d/f"));
  }
  REQUIRE(found == Texts{"none", "old"});
}

TEST_CASE("the lies: a sync that keeps nothing, a zeroing that leaves the bytes") {
  Machine m(3);
  const auto file = m.make("/d/f", "text");
  m.disk.set_lies({.sync_does_nothing = true, .keeps_no_zeros = true});
  REQUIRE(m.disk.zero(file, 0, 4) == 0);
  REQUIRE(m.text("/d/f") == "text");
  m.write(file, 0, "TEXT");
  REQUIRE(m.disk.sync(file) == 0);
  REQUIRE_FALSE(m.disk.holds("/d/f", 0, 4));
}
