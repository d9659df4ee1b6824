// SignalStack: a stack of its own for a thread's signal handlers that ask for one, so that a thread
// whose stack is full can still report its crash. Made and destroyed by the thread itself, first and
// last in its run. Where memory can't be had, or a sanitiser has given the thread one, it does nothing.
#pragma once

#include <cstddef>

namespace gantry {

class SignalStack {
 public:
  SignalStack();
  ~SignalStack();
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  void* memory_ = nullptr;  // its lowest page is the guard
  size_t bytes_ = 0;        // the guard's included
};

}  // namespace gantry
