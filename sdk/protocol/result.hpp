// Error and Result of this library: what is wrong with bytes somebody sent, in a sentence that names
// the field or place and the value. Values; any thread.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace gantry::protocol {

struct Error {
  std::string text;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::runtime_error(error.text);
}

template <class T>
using Result = boost::system::result<T, Error>;

inline Error error(std::string text) { return Error{std::move(text)}; }

}  // namespace gantry::protocol
