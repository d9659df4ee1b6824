// The fuzz targets as functions, so that a unit test can run them over the recorded data too.
// Each takes any bytes, aborts when a promise of the library does not hold, else returns 0.
#pragma once

#include <string_view>

namespace gantry::protocol::fuzz {

int json(std::string_view bytes);        // read; what was read is written and read again, equal
int bodies(std::string_view bytes);      // what a typed body is read from is written and read again
int headers(std::string_view bytes);     // fields, "name=value" by line: the same of sends and pulls
int properties(std::string_view bytes);  // find and iterate agree; editing keeps the rest
int ids(std::string_view bytes);         // what is accepted is written again, equal
int records(std::string_view bytes);     // records, batches and the registration's layout

// What the headers' target came to: who accepted the fields.
struct HeadersRead {
  bool send_v1 = false;
  bool send_v2 = false;
  bool send_answer = false;
  bool pull = false;
  bool pull_answer = false;
};
HeadersRead read_headers(std::string_view bytes);

}  // namespace gantry::protocol::fuzz
