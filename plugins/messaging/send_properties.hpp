// A send's properties: one pass over what the client sent says what the checks need, a second one
// writes what is stored. Borrowed views; no allocation; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace gantry::messaging {

// What the checks ask for; a null data() is absent. Of equal names the last one counts.
struct SendProperties {
  std::string_view unique_key;
  std::string_view keys;
  std::string_view wait;
  std::string_view transaction;
  std::string_view delay;
  std::string_view timer_name;  // whichever timer property is there
  std::string_view timer_value;

  static SendProperties scan(std::string_view text);
};

// What the broker puts in: region, trace switch and cluster replace the client's, the unique key is
// added when missing, POP_CK goes. So do numbers in light queues: the log gives them, and with numbers
// of its own a sender would get into any of them.
struct AddedProperties {
  std::string_view region;
  std::string_view trace_on;
  std::string_view cluster;
  std::string_view unique_key;  // empty: the client brought one
  bool dead_letter = false;     // the message goes to a %DLQ%: its DELAY becomes -1
};

// Room the stored text needs at most.
size_t stored_properties_bound(std::string_view text, const AddedProperties& added);
// Writes the stored text to out and returns its size.
size_t write_stored_properties(std::string_view text, const AddedProperties& added, char* out);

// The last of it for a batch's items, which keep their other properties. out has room for one byte
// more than the text.
bool has_light_numbers(std::string_view text);
std::string_view without_light_numbers(std::string_view text, char* out);

}  // namespace gantry::messaging
