#include "plugin/request_views.hpp"

#include "dispatch/owned_response.hpp"
#include "plugin/completions.hpp"
#include "plugin/instance.hpp"
#include "runtime/runtime.hpp"

namespace gantry::plugin {

LentRequest::LentRequest(const dispatch::Request& request)
    : body_{request.body.data(), request.body.size(), opaque(request.body_owner)} {
  const uint32_t flags = (request.one_way ? GANTRY_REQUEST_ONE_WAY : 0) |
                         (request.in_process ? GANTRY_REQUEST_IN_PROCESS : 0);
  request_ = {sizeof request_,
              request.code,
              flags,
              request.opaque,
              request.language,
              request.version,
              request.session.value,
              0,
              properties_of(request.fields),
              static_cast<uint32_t>(request.fields.size()),
              request.body.empty() ? 0u : 1u,
              &body_,
              str(request.remark),
              bytes_of(request.peer),
              static_cast<const gantry_principal*>(request.principal)};
}

const gantry_request* view_of(dispatch::KeptRequest& kept) {
  if (!kept.attachment) kept.attachment = std::make_shared<LentRequest>(kept.request());
  return static_cast<LentRequest*>(kept.attachment.get())->get();
}

ResponseView::ResponseView(const gantry_response& response) {
  std::span<Slice> body;
  if (response.body_count <= few_.size()) {
    body = std::span(few_).first(response.body_count);
  } else {
    many_.resize(response.body_count);
    body = many_;
  }
  for (uint32_t i = 0; i < response.body_count; ++i) body[i] = adopt(response.body[i]);
  response_ = {response.code, text_of(response.remark),
               fields_of(response.fields, response.field_count), body};
}

LentResponse::LentResponse(const dispatch::Response& response) {
  for (const Slice& slice : response.body) {
    body_.push_back({slice.bytes.data(), slice.bytes.size(), opaque(slice.owner.get())});
  }
  response_ = {sizeof response_,
               response.code,
               str(response.remark),
               properties_of(response.fields),
               static_cast<uint32_t>(response.fields.size()),
               static_cast<uint32_t>(body_.size()),
               body_.data()};
}

BorrowedRequest::BorrowedRequest(const gantry_request& request) {
  request_.code = request.code;
  request_.one_way = (request.flags & GANTRY_REQUEST_ONE_WAY) != 0;
  request_.language = request.language;
  request_.version = request.version;
  request_.fields = fields_of(request.fields, request.field_count);
  request_.remark = text_of(request.remark);
  request_.peer = span_of(request.peer);
  request_.principal = request.principal;
  const std::span slices(request.body, request.body_count);
  if (slices.size() == 1) {
    request_.body = {slices[0].data, slices[0].size};
    request_.body_owner = buffer_of(slices[0].buffer);
    return;
  }
  uint64_t size = 0;
  for (const gantry_slice& slice : slices) size += slice.size;
  if (size == 0) return;
  joined_ = make_buffer(size);
  uint8_t* at = joined_->data();
  for (const gantry_slice& slice : slices) {
    std::memcpy(at, slice.data, slice.size);
    at += slice.size;
  }
  request_.body = {joined_->data(), size};
  request_.body_owner = joined_.get();
}

wire::Header header_of(const gantry_request& request) {
  wire::Header header;
  header.code = request.code;
  header.language = wire::language::cpp;
  header.version = request.version;
  header.remark = text_of(request.remark);
  header.fields = fields_of(request.fields, request.field_count);
  header.has_fields = request.field_count > 0;
  return header;
}

void complete_on(Pending* pending, gantry_status status, const dispatch::Response* response,
                 std::string_view text) {
  runtime::Runtime& runtime = *pending->owner->context().runtime;
  const auto finish = [pending, status, text](const dispatch::Response* from) {
    if (!from) return complete_here(pending, status, nullptr, text);
    const LentResponse lent(*from);
    complete_here(pending, status, lent.get());
  };
  if (pending->shard == runtime::current_shard()) return finish(response);
  if (!response) return complete_later(pending, status, text);
  std::vector<Slice> copies;  // what is lent ends with this call
  for (const Slice& slice : response->body) {
    BufferRef copy = copy_to_buffer(slice.bytes);
    const Bytes bytes(copy->data(), copy->size());
    copies.push_back({bytes, std::move(copy)});
  }
  auto owned = std::make_unique<dispatch::OwnedResponse>(
      Token(), dispatch::Response{response->code, response->remark, response->fields, copies});
  runtime::Task task([owned = std::move(owned), finish]() {
    owned->view([&](const dispatch::Response& copy) { finish(&copy); });
  });
  const bool taken = pending->shard < runtime.shard_count()
                         ? runtime.shard(pending->shard).post(std::move(task))
                         : runtime.workers().submit(std::move(task));
  if (!taken) complete_here(pending, GANTRY_CANCELLED, nullptr);
}

}  // namespace gantry::plugin
