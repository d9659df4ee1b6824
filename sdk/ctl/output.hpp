// Output: tables for people, documents for programs, on standard output. Used by the one thread of
// gantryctl.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "client/admin.hpp"
#include "client/message.hpp"

namespace gantry::ctl {

// Columns as wide as what is in them; the last one isn't filled up.
class Table {
 public:
  explicit Table(std::vector<std::string> heads) : rows_{std::move(heads)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// One document, one line.
void print_json(const boost::json::value& document);

// 2026-11-29T17:05:16.123Z; "-" for no time.
std::string time_text(int64_t ms);
boost::json::array json_of(const std::vector<client::Master>& masters);
boost::json::object json_of(const client::Received& message);
// All of a message, a line each.
void print_message(const client::Received& message);

}  // namespace gantry::ctl
