// Checked: one run of gantry-plugin-check, as a test sees it. Owned by the test.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>

namespace gantry::faulty {

struct Checked {
  int exit_code = -1;
  std::string output;

  // "module/case" or "case" -> outcome
  std::map<std::string, std::string> outcomes() const;
};

// A value of one line of the check's JSON.
inline std::string value_of(const std::string& line, const std::string& key) {
  const std::string before = "\"" + key + "\":\"";
  const size_t at = line.find(before);
  if (at == line.npos) throw std::runtime_error("no " + key + " in " + line);
  const size_t from = at + before.size();
  return line.substr(from, line.find('"', from) - from);
}

template <class Each>
void each_line(const std::string& text, const Each& each) {
  for (size_t at = 0, end; (end = text.find('\n', at)) != text.npos; at = end + 1)
    each(text.substr(at, end - at));
}

inline std::map<std::string, std::string> Checked::outcomes() const {
  std::map<std::string, std::string> out;
  each_line(output, [&](const std::string& line) {
    const std::string module = value_of(line, "module");
    out[(module.empty() ? "" : module + "/") + value_of(line, "case")] = value_of(line, "outcome");
  });
  return out;
}

inline Checked check(const std::string& arguments) {
  const std::string command =
      std::string(GANTRY_BINARY_DIR) + "/bin/gantry-plugin-check " + arguments;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + command);
  Checked out;
  char bytes[4096];
  for (size_t size; (size = fread(bytes, 1, sizeof bytes, pipe)) > 0;)
    out.output.append(bytes, size);
  const int status = pclose(pipe);
  out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return out;
}

}  // namespace gantry::faulty
