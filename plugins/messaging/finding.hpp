// Finding: messages by their place (33), by key (12), and places in a queue by time (29, 32). Owned
// by the Broker; handlers run on shards and go on on workers, since what is looked for is often
// old.
#pragma once

#include <gantry/cap/key_index.h>
#include <gantry/cap/request_handler.h>

#include <string>
#include <vector>

#include "queue_reader.hpp"
#include "record_reader.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Finding {
 public:
  // keys: null on a node without a key index.
  Finding(const Services& services, const QueueReader& queues, const RecordReader& records,
          gantry_binding* keys)
      : services_(services), queues_(queues), records_(records), keys_(keys) {}

  gantry_status view(const gantry_request& request, gantry_token token);
  gantry_status query(const gantry_request& request, gantry_token token);
  gantry_status offset_at_time(const gantry_request& request, gantry_token token);
  gantry_status earliest_time(const gantry_request& request, gantry_token token);

 private:
  struct KeyQuery {
    std::string topic;
    std::string key;
    int64_t begin_ms = 0;
    int64_t end_ms = 0;
    uint32_t kind = GANTRY_KEY_KEY;
    bool unique = false;  // the key is a UNIQ_KEY
    size_t messages_max = 0;
  };
  static bool is_wanted(const KeyQuery& query, const gantry_message& message);
  gantry_status answer_query(const gantry_call& call, const KeyQuery& query, gantry_token token);
  std::vector<PinnedRecord> read_hits(const KeyQuery& query, const gantry_key_hits& hits) const;
  gantry_status answer_earliest(const gantry_call& call, std::string_view topic, int32_t queue_id,
                                gantry_token token);

  const Services& services_;
  const QueueReader& queues_;
  const RecordReader& records_;
  gantry_binding* const keys_;
};

}  // namespace gantry::messaging
