// The part of gantry.host.commitlog for modules that replicate the log or trim it; what each does
// tells abi host/commitlog.h.
#pragma once

#include <gantry/host/commitlog.h>

namespace gantry::plugin {

gantry_status log_claim(const gantry_host* host, uint32_t mark);
gantry_status log_raise(const gantry_host* host, uint32_t mark, int64_t log_offset);
gantry_status log_append_raw(const gantry_host* host, const gantry_call* call, int64_t log_offset,
                             gantry_bytes records);
gantry_status log_lead(const gantry_host* host, const gantry_call* call, int64_t epoch,
                       gantry_completion then);
gantry_status log_follow(const gantry_host* host, const gantry_call* call, int64_t epoch,
                         gantry_completion then);
gantry_status log_truncate(const gantry_host* host, const gantry_call* call, int64_t log_offset,
                           gantry_completion then);
gantry_status log_trim(const gantry_host* host, int64_t log_offset, uint32_t flags);

}  // namespace gantry::plugin
