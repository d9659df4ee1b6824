#include "cpp/fake/frame.hpp"

#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr size_t pinned_from_bytes = 16 * 1024;

Fields fields_of(const gantry_property* fields, uint32_t count) {
  Fields out;
  for (uint32_t i = 0; i < count; ++i) out.emplace_back(view(fields[i].key), view(fields[i].value));
  return out;
}

std::string joined(const gantry_slice* body, uint32_t count) {
  std::string out;
  for (uint32_t i = 0; i < count; ++i)
    out.append(reinterpret_cast<const char*>(body[i].data), body[i].size);
  return out;
}

std::vector<gantry_property> properties_of(const Fields& fields) {
  std::vector<gantry_property> out;
  for (const auto& [key, value] : fields) out.push_back({str(key), str(value)});
  return out;
}

std::string text_of(gantry_str text) {
  return std::string(view(text));
}

}  // namespace

Frame::Frame(const Request& request, uint32_t flags, Buffers& buffers)
    : buffers_(buffers), request_(request) {
  if (request_.peer.empty()) request_.peer = host_bytes("127.0.0.1:50000");
  if (!request_.body.empty())
    body_.push_back(
        buffers.copy(request_.body.data(), request_.body.size(), "the body of a request"));
  request_.body.clear();
  point(flags | (request.one_way ? GANTRY_REQUEST_ONE_WAY : 0));
}

Frame::Frame(const gantry_request& request, gantry_session session, uint32_t flags,
             Buffers& buffers)
    : buffers_(buffers), request_(request_of(request)) {
  request_.body.clear();
  request_.session = session;
  for (uint32_t i = 0; i < request.body_count; ++i) {
    gantry_slice slice = request.body[i];
    if (!slice.buffer || !buffers.retain(slice.buffer))
      slice = buffers.copy(slice.data, slice.size, "the body of requests.call");
    body_.push_back(slice);
  }
  point(flags);
}

Frame::Frame(const Frame& other, Buffers& buffers) : buffers_(buffers), request_(other.request_) {
  uint64_t size = 0;
  for (const gantry_slice& slice : other.body_) size += slice.size;
  if (size < pinned_from_bytes) {
    request_.body = joined(other.body_.data(), static_cast<uint32_t>(other.body_.size()));
    if (!other.body_.empty())
      body_.push_back({sdk::bytes(request_.body).data, request_.body.size(), nullptr});
  } else {
    body_ = other.body_;
    for (const gantry_slice& slice : body_)
      if (slice.buffer) buffers.retain(slice.buffer);
  }
  point(other.view_.flags);
}

Frame::~Frame() {
  for (const gantry_slice& slice : body_)
    if (slice.buffer) buffers_.release(slice.buffer);
}

void Frame::point(uint32_t flags) {
  fields_ = properties_of(request_.fields);
  view_.struct_size = sizeof view_;
  view_.code = request_.code;
  view_.flags = flags;
  view_.opaque = request_.opaque;
  view_.language = request_.language;
  view_.version = request_.version;
  view_.session = request_.session;
  view_.fields = fields_.data();
  view_.field_count = static_cast<uint32_t>(fields_.size());
  view_.body = body_.data();
  view_.body_count = static_cast<uint32_t>(body_.size());
  view_.remark = str(request_.remark);
  view_.peer = sdk::bytes(request_.peer);
}

Request request_of(const gantry_request& from) {
  Request out;
  out.code = from.code;
  out.fields = fields_of(from.fields, from.field_count);
  out.body = joined(from.body, from.body_count);
  out.remark = text_of(from.remark);
  out.session = from.session;
  out.version = from.version;
  out.language = from.language;
  out.opaque = from.opaque;
  out.one_way = (from.flags & GANTRY_REQUEST_ONE_WAY) != 0;
  out.peer = std::string(view(from.peer));
  return out;
}

Answer answer_of(const gantry_response& from) {
  return {from.code, text_of(from.remark), fields_of(from.fields, from.field_count),
          joined(from.body, from.body_count)};
}

ResponseView::ResponseView(const Answer& answer) : fields_(properties_of(answer.fields)) {
  body_ = {sdk::bytes(answer.body).data, answer.body.size(), nullptr};
  view_.struct_size = sizeof view_;
  view_.code = answer.code;
  view_.remark = answer.remark.empty() ? gantry_str{} : str(answer.remark);
  view_.fields = fields_.data();
  view_.field_count = static_cast<uint32_t>(fields_.size());
  view_.body = &body_;
  view_.body_count = answer.body.empty() ? 0 : 1;
}

}  // namespace gantry::sdk::fake
