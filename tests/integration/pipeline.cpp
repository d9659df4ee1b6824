#include "pipeline.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace gantry::integration {
namespace {

[[noreturn]] void give_up(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Pipeline::Pipeline(const std::string& address) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
  if (descriptor_ < 0) give_up("socket");
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  const timeval limit{receive_timeout.count(), 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    close(descriptor_);
    give_up("connect");
  }
}

Pipeline::~Pipeline() {
  close(descriptor_);
}

int32_t Pipeline::send(int32_t code, const client::Fields& fields, const std::string& body) {
  std::vector<Field> views;
  for (const auto& [key, value] : fields) {
    views.push_back({std::string_view(key), std::string_view(value)});
  }
  wire::Header header;
  header.code = code;
  header.opaque = ++opaque_;
  header.fields = views;
  header.has_fields = true;
  wire::ByteSink frame;
  if (const ErrorCode error =
          wire::encode_head(wire::Serialize::json, header, body.size(), frame)) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), error.message());
  }
  std::vector<uint8_t> bytes(frame.data(), frame.data() + frame.size());
  bytes.insert(bytes.end(), body.begin(), body.end());
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count =
        ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0) give_up("send");
    sent += static_cast<size_t>(count);
  }
  return opaque_;
}

Outcome<Pipeline::Answer> Pipeline::receive() {
  for (;;) {
    const wire::NextFrame next = wire::next_frame(received_, wire::frame_bytes_max_default);
    if (next.status == wire::FrameStatus::malformed) return fail(next.error.message());
    if (next.status == wire::FrameStatus::complete) {
      wire::HeaderScratch scratch;
      wire::Header header;
      if (const ErrorCode error = wire::decode_header(next.frame, scratch, header)) {
        return fail(error.message());
      }
      Answer answer{header.opaque, header.code, {}, {}};
      for (const Field& field : header.fields) {
        answer.fields.emplace_back(field.key.view(), field.value.view());
      }
      answer.body.assign(next.frame.body.begin(), next.frame.body.end());
      const bool pushed = !wire::is_response(header);
      received_.erase(received_.begin(),
                      received_.begin() + static_cast<ptrdiff_t>(next.frame.size));
      if (pushed) continue;
      return Outcome<Answer>(boost::system::in_place_value, std::move(answer));
    }
    std::array<uint8_t, 16 * 1024> chunk;
    const ssize_t count = recv(descriptor_, chunk.data(), chunk.size(), 0);
    if (count == 0) return fail("the node closed the connection");
    if (count < 0) return fail(std::strerror(errno));
    received_.insert(received_.end(), chunk.begin(), chunk.begin() + count);
  }
}

}  // namespace gantry::integration
