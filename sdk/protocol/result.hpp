// Error and Result of this library: what is wrong with bytes somebody sent, in a sentence that
// names the field or place and the value. Values; any thread.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace gantry::protocol {

// Made by error(). Not an aggregate, so that a text is not taken for an Error where a Result of a
// text is returned.
struct Error {
  Error() = default;
  std::string text;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::runtime_error(error.text);
}

template <class T>
using Result = boost::system::result<T, Error>;

inline Error error(std::string text) {
  Error made;
  made.text = std::move(text);
  return made;
}

}  // namespace gantry::protocol
