#include "commitlog/errc.hpp"

namespace gantry::commitlog {
namespace {

class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "commitlog"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::busy:
        return "no prepared space, try again";
      case Errc::gate_closed:
        return "a gate is closed";
      case Errc::invalid:
        return "over a limit or malformed";
      case Errc::no_numbers:
        return "the queue's end is not known yet";
      case Errc::would_block:
        return "not resident";
      case Errc::gone:
        return "outside the log";
      case Errc::not_a_record:
        return "not a record";
      case Errc::bad_crc:
        return "the body does not match its checksum";
      case Errc::store_failed:
        return "a write or flush failed";
      case Errc::stopped:
        return "the log stopped";
      case Errc::not_follower:
        return "the log follows no other";
      case Errc::cut:
        return "the log was cut below it";
    }
    return "unknown commitlog error " + std::to_string(value);
  }
};

const Category category;

}  // namespace

ErrorCode make_error_code(Errc errc) noexcept {
  return {static_cast<int>(errc), category};
}

}  // namespace gantry::commitlog
