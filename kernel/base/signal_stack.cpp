#include "base/signal_stack.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace gantry {
namespace {

// What a handler uses: the crash report's words, the unwinder behind its backtrace.
constexpr size_t handler_bytes = 64 << 10;

// The kernel puts all registers on it before the handler runs: with AVX-512 more than MINSIGSTKSZ.
size_t frame_bytes() {
  const long told = ::sysconf(_SC_MINSIGSTKSZ);
  return std::max<size_t>(MINSIGSTKSZ, told > 0 ? static_cast<size_t>(told) : 0);
}

}  // namespace

SignalStack::SignalStack() {
  stack_t now{};
  if (::sigaltstack(nullptr, &now) != 0 || !(now.ss_flags & SS_DISABLE)) return;
  const size_t page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const size_t usable = (frame_bytes() + handler_bytes + page - 1) / page * page;
  void* const memory = ::mmap(nullptr, page + usable, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return;
  memory_ = memory;
  bytes_ = page + usable;
  stack_t own{};
  own.ss_sp = static_cast<char*>(memory) + page;
  own.ss_size = usable;
  if (::mprotect(own.ss_sp, usable, PROT_READ | PROT_WRITE) == 0) ::sigaltstack(&own, nullptr);
}

SignalStack::~SignalStack() {
  if (!memory_) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
  ::munmap(memory_, bytes_);
}

}  // namespace gantry
