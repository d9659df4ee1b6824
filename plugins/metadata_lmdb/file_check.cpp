#include "file_check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace gantry::metadata_lmdb {
namespace {

// LMDB 0.9 on 64-bit little-endian machines: its data version 1.
constexpr uint32_t magic = 0xBEEFC0DE;
constexpr uint16_t branch_page = 0x01, leaf_page = 0x02, overflow_page = 0x04, meta_page = 0x08;
constexpr uint16_t node_big_data = 0x01;
constexpr uint64_t no_page = ~uint64_t{0};

struct PageHeader {
  uint64_t number;
  uint16_t pad;
  uint16_t flags;
  uint16_t lower;  // of an overflow page: with upper, the 32-bit number of pages
  uint16_t upper;
};
static_assert(sizeof(PageHeader) == 16);

struct Tree {
  uint32_t pad;  // of the first tree of a meta page: the page size
  uint16_t flags, depth;
  uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
};
static_assert(sizeof(Tree) == 48);

struct Meta {
  PageHeader page;
  uint32_t magic, version;
  uint64_t address, map_bytes;
  Tree free, main;
  uint64_t last_page, transaction;
};
static_assert(sizeof(Meta) == 152);

struct Node {
  uint16_t low, high, flags, key_bytes;
};
static_assert(sizeof(Node) == 8);

struct Damage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
T load(const std::vector<char>& bytes, size_t at) {
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

class Walk {
 public:
  explicit Walk(const std::filesystem::path& path)
      : file_(path, std::ios::binary), file_bytes_(std::filesystem::file_size(path)) {
    if (!file_) throw Damage("it can't be read");
  }

  void run() {
    const Meta meta = newest_meta();
    page_bytes_ = meta.free.pad;
    seen_.resize(file_bytes_ / page_bytes_);
    for (const Tree& tree : {meta.free, meta.main}) {
      if (tree.root != no_page) pending_.push_back(tree.root);
    }
    while (!pending_.empty()) {
      const uint64_t number = pending_.back();
      pending_.pop_back();
      visit(number);
    }
  }

 private:
  std::vector<char> read(uint64_t at, size_t bytes) {
    std::vector<char> out(bytes);
    file_.seekg(static_cast<std::streamoff>(at));
    if (!file_.read(out.data(), static_cast<std::streamsize>(bytes))) throw Damage("it is cut off");
    return out;
  }

  Meta meta_at(uint64_t at) {
    const auto meta = load<Meta>(read(at, sizeof(Meta)), 0);
    if (meta.magic != magic || (meta.page.flags & meta_page) == 0) {
      throw Damage("it is no LMDB file");
    }
    if (meta.version != 1) {
      throw Damage("LMDB data version " + std::to_string(meta.version) + ", known is 1");
    }
    const uint32_t size = meta.free.pad;
    if (!std::has_single_bit(size) || size < 512 || size > 65536) {
      throw Damage("pages of " + std::to_string(size) + " bytes");
    }
    return meta;
  }

  Meta newest_meta() {
    const Meta first = meta_at(0);
    const Meta second = meta_at(first.free.pad);
    return second.transaction > first.transaction ? second : first;
  }

  // Counts pages [number, number + count) as used, each once.
  void claim(uint64_t number, uint64_t count) {
    if (number < 2 || number >= seen_.size() || count > seen_.size() - number) {
      throw Damage("page " + std::to_string(number) + " is beyond its end");
    }
    for (uint64_t i = number; i < number + count; ++i) {
      if (seen_[i]) throw Damage("page " + std::to_string(i) + " is used twice");
      seen_[i] = true;
    }
  }

  [[noreturn]] static void bad_page(uint64_t number) {
    throw Damage("page " + std::to_string(number) + " is damaged");
  }

  void visit(uint64_t number) {
    claim(number, 1);
    const std::vector<char> page = read(number * page_bytes_, page_bytes_);
    const auto header = load<PageHeader>(page, 0);
    const bool branch = header.flags == branch_page;
    if (header.number != number || (!branch && header.flags != leaf_page) ||
        header.lower < sizeof(PageHeader) || header.lower > header.upper ||
        header.upper > page_bytes_ || header.lower % 2 != 0) {
      bad_page(number);
    }
    const size_t nodes = (header.lower - sizeof(PageHeader)) / 2;
    if (nodes == 0 || (branch && nodes < 2)) bad_page(number);
    for (size_t i = 0; i < nodes; ++i) {
      const size_t at = load<uint16_t>(page, sizeof(PageHeader) + 2 * i);
      if (at < header.upper || at + sizeof(Node) > page_bytes_) bad_page(number);
      const auto node = load<Node>(page, at);
      const size_t data = at + sizeof(Node) + node.key_bytes;
      if (data > page_bytes_) bad_page(number);
      if (branch) {
        pending_.push_back(node.low | uint64_t{node.high} << 16 | uint64_t{node.flags} << 32);
      } else {
        visit_leaf(number, page, node, data);
      }
    }
  }

  void visit_leaf(uint64_t number, const std::vector<char>& page, const Node& node, size_t data) {
    const uint64_t bytes = node.low | uint64_t{node.high} << 16;
    if (node.flags == 0) {
      if (data + bytes > page_bytes_) bad_page(number);
      return;
    }
    if (node.flags != node_big_data || data + sizeof(uint64_t) > page_bytes_) bad_page(number);
    const auto first = load<uint64_t>(page, data);
    const uint64_t pages = (sizeof(PageHeader) + bytes + page_bytes_ - 1) / page_bytes_;
    claim(first, pages);
    const auto header = load<PageHeader>(read(first * page_bytes_, sizeof(PageHeader)), 0);
    const uint64_t stored = header.lower | uint64_t{header.upper} << 16;
    if (header.number != first || header.flags != overflow_page || stored < pages) bad_page(first);
  }

  std::ifstream file_;
  const uint64_t file_bytes_;
  uint64_t page_bytes_ = 0;
  std::vector<bool> seen_;
  std::vector<uint64_t> pending_;
};

}  // namespace

std::optional<std::string> find_damage(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file) || std::filesystem::file_size(file) == 0) return std::nullopt;
  try {
    Walk(file).run();
    return std::nullopt;
  } catch (const Damage& damage) {
    return damage.what();
  }
}

}  // namespace gantry::metadata_lmdb
