#include <algorithm>
#include <optional>
#include <string>

#include "check.hpp"
#include "protocol/pull_header.hpp"
#include "protocol/send_header.hpp"
#include "targets.hpp"

namespace gantry::protocol::fuzz {
namespace {

// A line is a field, "name=value"; one without '=' is a name without a value.
Fields fields_of(std::string_view bytes) {
  Fields fields;
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    const std::string_view name = line.substr(0, line.find('='));
    const std::string_view value = line.substr(std::min(line.size(), name.size() + 1));
    fields.emplace_back(name, value);
  }
  return fields;
}

// read(fields) gives a Result; what is accepted is written and read again, equal. Was it?
template <class Read, class Write>
bool check_header(const Fields& fields, Read read, Write write) {
  const auto header = read(fields);
  if (!header) {
    check(!header.error().text.empty());
    return false;
  }
  const Fields written = write(*header);  // borrowed by what is read of it
  const auto again = read(written);
  check(again.has_value() && *again == *header);
  return true;
}

bool check_send(const Fields& fields, SendForm form) {
  return check_header(
      fields, [form](const Fields& from) { return read_send_header(from, form); },
      [form](const SendMessageHeader& header) { return write_send_header(header, form); });
}

template <class Number>
void check_number(std::string_view text, std::optional<Number> (*parse)(std::string_view)) {
  if (const auto number = parse(text)) check(parse(std::to_string(*number)) == number);
}

}  // namespace

HeadersRead read_headers(std::string_view bytes) {
  const Fields fields = fields_of(bytes);
  for (const auto& [name, value] : fields) {
    check_number(value, parse_i32);
    check_number(value, parse_i64);
  }
  return {
      check_send(fields, SendForm::v1),
      check_send(fields, SendForm::v2),
      check_header(
          fields, [](const Fields& from) { return read_send_answer(from); }, write_send_answer),
      check_header(
          fields, [](const Fields& from) { return read_pull_header(from); }, write_pull_header),
      check_header(
          fields, [](const Fields& from) { return read_pull_answer(from); }, write_pull_answer)};
}

int headers(std::string_view bytes) {
  read_headers(bytes);
  return 0;
}

}  // namespace gantry::protocol::fuzz
