// A thread's name, for whoever looks at the process from outside (top, a profiler, the bench). Called
// by the thread itself, when it begins.
#pragma once

#include <pthread.h>

namespace gantry {

// At most 15 characters; a longer name is not taken.
inline void name_thread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

}  // namespace gantry
