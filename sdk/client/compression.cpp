#include "client/compression.hpp"

#include <fmt/format.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>

#include "client/request.hpp"

namespace gantry::client {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

Failure damaged(const char* what, std::string_view why) {
  return fail(fmt::format("a body that is no {} stream: {}", what, why));
}

Failure too_large(std::size_t bytes_max) {
  return fail(fmt::format("a body of more than {} bytes once inflated", bytes_max));
}

Outcome<std::string> deflate_zlib(std::string_view body, int level) {
  uLongf size = compressBound(body.size());
  std::string out(size, '\0');
  const int result = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                               reinterpret_cast<const Bytef*>(body.data()), body.size(), level);
  if (result != Z_OK) return fail(fmt::format("zlib could not compress the body: {}", result));
  out.resize(size);
  return text(std::move(out));
}

Outcome<std::string> inflate_zlib(std::string_view bytes, std::size_t bytes_max) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return fail("zlib has no memory");
  const std::unique_ptr<z_stream, void (*)(z_stream*)> ended(&stream,
                                                             [](z_stream* s) { inflateEnd(s); });
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads it
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::string piece(piece_bytes, '\0');
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
    if (out.size() > bytes_max) return too_large(bytes_max);
    if (result == Z_STREAM_END) return text(std::move(out));
    if (result != Z_OK) return damaged("zlib", stream.msg != nullptr ? stream.msg : "it ends early");
  }
}

Outcome<std::string> deflate_lz4(std::string_view body, int level) {
  LZ4F_preferences_t preferences{};
  preferences.compressionLevel = level;
  std::string out(LZ4F_compressFrameBound(body.size(), &preferences), '\0');
  const std::size_t size =
      LZ4F_compressFrame(out.data(), out.size(), body.data(), body.size(), &preferences);
  if (LZ4F_isError(size) != 0) {
    return fail(fmt::format("LZ4 could not compress the body: {}", LZ4F_getErrorName(size)));
  }
  out.resize(size);
  return text(std::move(out));
}

Outcome<std::string> inflate_lz4(std::string_view bytes, std::size_t bytes_max) {
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0) {
    return fail("LZ4 has no memory");
  }
  const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> owned(
      context, LZ4F_freeDecompressionContext);
  std::string out;
  std::string piece(piece_bytes, '\0');
  for (;;) {
    std::size_t made = piece.size();
    std::size_t taken = bytes.size();
    const std::size_t wanted =
        LZ4F_decompress(context, piece.data(), &made, bytes.data(), &taken, nullptr);
    if (LZ4F_isError(wanted) != 0) return damaged("LZ4", LZ4F_getErrorName(wanted));
    out.append(piece, 0, made);
    bytes.remove_prefix(taken);
    if (out.size() > bytes_max) return too_large(bytes_max);
    if (wanted == 0) return text(std::move(out));
    if (made == 0 && taken == 0) return damaged("LZ4", "it ends early");
  }
}

Outcome<std::string> deflate_zstd(std::string_view body, int level) {
  std::string out(ZSTD_compressBound(body.size()), '\0');
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), body.data(), body.size(), level);
  if (ZSTD_isError(size) != 0) {
    return fail(fmt::format("Zstandard could not compress the body: {}", ZSTD_getErrorName(size)));
  }
  out.resize(size);
  return text(std::move(out));
}

Outcome<std::string> inflate_zstd(std::string_view bytes, std::size_t bytes_max) {
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                             ZSTD_freeDStream);
  if (!stream) return fail("Zstandard has no memory");
  std::string out;
  std::string piece(piece_bytes, '\0');
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  for (;;) {
    ZSTD_outBuffer output{piece.data(), piece.size(), 0};
    const std::size_t before = input.pos;
    const std::size_t wanted = ZSTD_decompressStream(stream.get(), &output, &input);
    if (ZSTD_isError(wanted) != 0) return damaged("Zstandard", ZSTD_getErrorName(wanted));
    out.append(piece, 0, output.pos);
    if (out.size() > bytes_max) return too_large(bytes_max);
    if (wanted == 0) return text(std::move(out));
    if (output.pos == 0 && input.pos == before) return damaged("Zstandard", "it ends early");
  }
}

}  // namespace

Outcome<std::string> deflate(Compression compression, std::string_view body, int level) {
  switch (compression) {
    case Compression::lz4: return deflate_lz4(body, level);
    case Compression::zstd: return deflate_zstd(body, level);
    default: return deflate_zlib(body, level);
  }
}

Outcome<std::string> inflate(Compression compression, std::string_view bytes,
                             std::size_t bytes_max) {
  switch (compression) {
    case Compression::lz4: return inflate_lz4(bytes, bytes_max);
    case Compression::zstd: return inflate_zstd(bytes, bytes_max);
    default: return inflate_zlib(bytes, bytes_max);
  }
}

int32_t compression_flags(Compression compression) {
  using namespace protocol::message_flag;
  switch (compression) {
    case Compression::lz4: return compressed | compression_lz4;
    case Compression::zstd: return compressed | compression_zstd;
    default: return compressed | compression_zlib;
  }
}

}  // namespace gantry::client
