#include "dispatch/kept_request.hpp"

#include <cstring>
#include <new>

namespace gantry::dispatch {
namespace {

constexpr uint64_t pin_bytes_min = 16 * 1024;

class Writer {
 public:
  explicit Writer(uint8_t* at) : at_(at) {}
  Bytes put(Bytes bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    const Bytes out(at_, bytes.size());
    at_ += bytes.size();
    return out;
  }
  Text put(Text text) {
    if (!text.data) return {};
    const Bytes copy = put(Bytes(reinterpret_cast<const uint8_t*>(text.data), text.size));
    return {reinterpret_cast<const char*>(copy.data()), copy.size()};
  }

 private:
  uint8_t* at_;
};

}  // namespace

KeptRequest::KeptRequest(const Request& request) : request_(request) {
  const bool pin = request.body_owner && request.body.size() >= pin_bytes_min;
  uint64_t size = request.fields.size() * sizeof(Field) + request.remark.size + request.peer.size();
  for (const Field& field : request.fields) size += field.key.size + field.value.size;
  if (!pin) size += request.body.size();
  block_ = std::make_unique_for_overwrite<uint8_t[]>(size);
  auto* fields = reinterpret_cast<Field*>(block_.get());
  Writer writer(block_.get() + request.fields.size() * sizeof(Field));
  for (size_t i = 0; i < request.fields.size(); ++i) {
    new (&fields[i]) Field{writer.put(request.fields[i].key), writer.put(request.fields[i].value)};
  }
  request_.fields = {fields, request.fields.size()};
  request_.remark = writer.put(request.remark);
  request_.peer = writer.put(request.peer);
  if (pin) {
    pinned_ = BufferRef::share(request.body_owner);
  } else {
    request_.body = writer.put(request.body);
    request_.body_owner = nullptr;
  }
}

}  // namespace gantry::dispatch
