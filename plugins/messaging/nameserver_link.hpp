// NameserverLink: one nameserver, a door of this node or an address: what it was told, what it is
// told next. One registration is under way at a time, so that an older one never overtakes a newer;
// what comes meanwhile is joined into the next. Owned by the Registration; any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "announcement.hpp"
#include "services.hpp"

namespace gantry::messaging {

class NameserverLink {
 public:
  using Then = std::function<void()>;

  NameserverLink(const Services& services, const Options& options,
                 const Announcement& announcement, const NameserverAddress& address);

  // Everything, or that these topics have changed. `then` follows, once, when it has answered or
  // its time is over; what went wrong is logged, and made up for by the next tell_all().
  void tell_all(Then then);
  void tell(const std::vector<Topic>& topics, Then then);
  // Takes this broker out of its routes, if it is in them; nothing is told any more.
  void leave(Then then);

  // Did it answer the last time? One that didn't is not worth waiting for.
  bool answers() const { return answers_; }

 private:
  struct Telling {
    bool all = false;
    std::set<std::string> topics;
    std::vector<Then> then;
  };
  // How a request ended: with an answer, or why there is none.
  struct Heard {
    const gantry_response* answer = nullptr;
    std::string why;
    bool success() const;
    std::string text() const;
  };
  using OnHeard = std::function<void(const Heard&)>;

  void add(Telling telling);
  void run(std::shared_ptr<Telling> telling);
  void query(std::shared_ptr<Telling> telling);
  void register_with(std::shared_ptr<Telling> telling);
  void registered(std::shared_ptr<Telling> telling, const Heard& heard);
  void finish(const Telling& telling);
  void ask(int32_t code, const Announcement::Message& message, OnHeard then);
  gantry_status send(const gantry_request& request, gantry_completion done);
  void note(const Heard& heard);

  const Services& services_;
  const Options& options_;
  const Announcement& announcement_;
  const NameserverAddress& address_;
  const std::string name_;  // "door nameserver", "10.1.2.3:9876"
  const Announcement::Form form_;
  std::atomic<bool> answers_ = true;
  std::atomic<bool> knows_all_ = false;  // it has taken everything, and refused nothing since

  std::mutex lock_;  // "nameserver link": held for memory only, never across a host call
  bool busy_ = false;
  bool closed_ = false;
  std::optional<Telling> next_;
  std::optional<std::string> last_failure_;  // as logged; "" when it was registered
};

}  // namespace gantry::messaging
