// JsonReader: reads one JSON header from front to back. Private to wire; lives on the decoder's
// stack. Like the Java peers' reader it takes single quotes for double ones and bare control
// characters in strings.
#pragma once

#include <cstdint>

#include "wire/errc.hpp"
#include "wire/header.hpp"
#include "wire/scratch_writer.hpp"

namespace gantry::wire {

class JsonReader {
 public:
  JsonReader(Bytes header, ScratchWriter& writer)
      : at_(reinterpret_cast<const char*>(header.data())),
        end_(at_ + header.size()),
        writer_(writer) {}

  ErrorCode read(Header& out);

 private:
  // All answer false after noting what is wrong in error_.
  bool header();
  bool header_member(Text key);
  bool ext_fields();
  bool ext_field();
  bool plain_key(Text& out);
  bool number(int32_t& out, Errc otherwise);
  bool language();
  bool text_of_any(Text& out);
  bool text(Text& out);
  bool text_with_escapes(const char* run, char quote, Text& out);
  bool unescape(char*& to);
  bool unescape_unicode(char*& to);
  bool hex4(uint32_t& out);
  bool key(Text& out);

  bool skip_value();
  bool skip_to_item(bool in_object, bool& closed);
  bool skip_string();
  bool skip_number();
  bool skip_word(std::string_view word);
  bool skip_key();

  template <class Member>
  bool object(Member&& member);

  // Zero stands for the end: no place in JSON allows it outside of a string.
  char peek() const { return at_ < end_ ? *at_ : '\0'; }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool fail(Errc error) {
    error_ = error;
    return false;
  }
  bool fail_here() { return fail(at_ == end_ ? Errc::json_ends_early : Errc::json_malformed); }

  const char* at_;
  const char* const end_;
  ScratchWriter& writer_;
  Header header_;
  Errc error_ = Errc::json_malformed;
};

}  // namespace gantry::wire
