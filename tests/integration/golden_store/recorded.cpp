#include "recorded.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "support/golden.hpp"

namespace gantry::golden_store {

namespace json = boost::json;

std::string text_at(const Line& line, const char* key) {
  return std::string(line.at(key).as_string());
}

int64_t number_at(const Line& line, const char* key) {
  return line.at(key).to_number<int64_t>();
}

std::optional<std::filesystem::path> Recorded::find(const std::string& name) {
  return testing::golden(("store/" + name).c_str());
}

Recorded::Recorded(std::filesystem::path source) : source_(std::move(source)) {
  const std::string untar = "tar -xzf '" + (source_ / "store.tar.gz").string() + "' -C '" +
                            folder_.path().string() + "'";
  if (std::system(untar.c_str()) != 0) throw std::runtime_error(untar);
}

std::vector<Line> Recorded::lines(const char* file) const {
  std::ifstream in(source_ / file);
  std::vector<Line> out;
  for (std::string line; std::getline(in, line);) out.push_back(json::parse(line).as_object());
  return out;
}

Line Recorded::object(const char* file) const {
  std::ifstream in(source_ / file);
  return json::parse(std::string(std::istreambuf_iterator<char>(in), {})).as_object();
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("no SHA-256");
  }
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

}  // namespace gantry::golden_store
