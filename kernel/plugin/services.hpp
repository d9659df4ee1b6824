// The host services of this host, by id. One file each below services/.
#pragma once

#include <gantry/host/buffers.h>
#include <gantry/host/capabilities.h>
#include <gantry/host/clock.h>
#include <gantry/host/commitlog.h>
#include <gantry/host/logging.h>
#include <gantry/host/peers.h>
#include <gantry/host/plugins.h>
#include <gantry/host/requests.h>
#include <gantry/host/sessions.h>
#include <gantry/host/settings.h>
#include <gantry/host/timer.h>

#include <string_view>

namespace gantry::plugin {

class Instance;

const gantry_buffers& buffers_service();
const gantry_capabilities& capabilities_service();
const gantry_clock& clock_service();
const gantry_commitlog& commitlog_service();
const gantry_logging& logging_service();
const gantry_peers& peers_service();
const gantry_plugins& plugins_service();
const gantry_requests& requests_service();
const gantry_sessions& sessions_service();
const gantry_settings& settings_service();
const gantry_timer& timer_service();

// Null when this host has no such service, or the node lacks what it leads to: the log, the roster.
const void* find_service(const Instance& instance, std::string_view id);
bool is_service(std::string_view id);

}  // namespace gantry::plugin
