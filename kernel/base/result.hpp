// Result: a value or an error code, for what can go wrong on any path.
// Failure: an error code with a sentence for a person, for start-up, configuration and control paths.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace gantry {

using ErrorCode = boost::system::error_code;

template <class T>
using Result = boost::system::result<T, ErrorCode>;

// What went wrong, in words that name the thing and the value ("conf/a.toml:3: net.door: ...").
struct Failure {
  std::string text;
};

[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location&) {
  throw std::runtime_error(failure.text);
}

template <class T>
using Outcome = boost::system::result<T, Failure>;

inline Failure fail(std::string text) { return Failure{std::move(text)}; }

}  // namespace gantry
