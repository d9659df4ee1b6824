// Filter: what judges a queue's records for a pull: a compiled expression; several, which must all
// want a record; or, for retried messages, those of the topics they came from. Shared by pulls and
// shards, constant. Judging: [any]; statuses and verdicts are gantry.filter's.
#pragma once

#include <gantry/cap/filter.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/filter.hpp"
#include "services.hpp"

namespace gantry::messaging {

// What a consumer subscribed with. Borrowed.
struct Expression {
  std::string_view type;  // "TAG", "SQL92", ...
  std::string_view text;

  friend bool operator==(const Expression&, const Expression&) = default;
};
// An absent type is TAG.
Expression expression(std::string_view type, std::string_view text);
// Needs no filter.
bool is_everything(const Expression& expression);

class Filter {
 public:
  virtual ~Filter() = default;
  // A verdict for each entry. Below zero nothing was judged. REFUSED: a filter's module does not run.
  virtual gantry_status match_index(const gantry_call& call,
                                    std::span<const gantry_index_entry> entries,
                                    uint8_t* verdicts) const = 0;
  // A verdict for each message: SKIP, DELIVER or ERROR; call.error tells of the first ERROR.
  virtual gantry_status match(const gantry_call& call, const gantry_batch& batch,
                              uint8_t* verdicts) const = 0;
};
using FilterRef = std::shared_ptr<const Filter>;

// An expression, compiled by the module that serves its type. One that is wrong judges nothing.
class Compiled final : public Filter {
 public:
  Compiled(const Services& services, const Expression& expression,
           std::unique_ptr<const sdk::Program> program, std::string wrong)
      : services_(services),
        type_(expression.type),
        text_(expression.text),
        wrong_(std::move(wrong)),
        program_(std::move(program)) {}

  Expression expression() const { return {type_, text_}; }
  bool is_wrong() const { return !program_; }
  const std::string& wrong() const { return wrong_; }  // what, and where
  bool stale() const { return program_ && program_->stale(); }  // its module was reloaded

  gantry_status match_index(const gantry_call& call, std::span<const gantry_index_entry> entries,
                            uint8_t* verdicts) const override;
  // The first message it cannot judge is told in the log.
  gantry_status match(const gantry_call& call, const gantry_batch& batch,
                      uint8_t* verdicts) const override;

 private:
  const Services& services_;
  const std::string type_;
  const std::string text_;
  const std::string wrong_;
  const std::unique_ptr<const sdk::Program> program_;
  mutable std::atomic<bool> complained_ = false;
};
using CompiledRef = std::shared_ptr<const Compiled>;

// Records that all of them want.
class AllOf final : public Filter {
 public:
  explicit AllOf(std::vector<FilterRef> filters) : filters_(std::move(filters)) {}
  gantry_status match_index(const gantry_call& call, std::span<const gantry_index_entry> entries,
                            uint8_t* verdicts) const override;
  gantry_status match(const gantry_call& call, const gantry_batch& batch,
                      uint8_t* verdicts) const override;

 private:
  const std::vector<FilterRef> filters_;  // the first is asked first
};

// Retried messages: each is judged as one of the topic it came from; of other topics all are wanted.
class ByOrigin final : public Filter {
 public:
  using Filters = std::map<std::string, FilterRef, std::less<>>;
  explicit ByOrigin(Filters filters) : filters_(std::move(filters)) {}
  gantry_status match_index(const gantry_call& call, std::span<const gantry_index_entry> entries,
                            uint8_t* verdicts) const override;
  gantry_status match(const gantry_call& call, const gantry_batch& batch,
                      uint8_t* verdicts) const override;

 private:
  const Filters filters_;  // by topic
};

}  // namespace gantry::messaging
