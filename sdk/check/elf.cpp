#include "check/elf.hpp"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace gantry::sdk::check {
namespace {

class File {
 public:
  explicit File(const std::string& path) : path_(path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path);
    bytes_.assign(std::istreambuf_iterator<char>(in), {});
  }

  template <class T>
  T at(uint64_t offset) const {
    T out;
    std::memcpy(&out, range(offset, sizeof out).data(), sizeof out);
    return out;
  }
  std::string_view range(uint64_t offset, uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset)
      refuse("its tables lie outside the file");
    return std::string_view(bytes_).substr(offset, size);
  }
  [[noreturn]] void refuse(const char* why) const {
    throw std::runtime_error(path_ + " is no 64-bit shared object: " + why);
  }

 private:
  const std::string path_;
  std::string bytes_;
};

Elf64_Shdr section(const File& file, const Elf64_Ehdr& head, uint32_t index) {
  if (index >= head.e_shnum) file.refuse("it names a section it doesn't have");
  return file.at<Elf64_Shdr>(head.e_shoff + uint64_t{index} * sizeof(Elf64_Shdr));
}

std::string name_at(const File& file, const Elf64_Shdr& strings, uint32_t offset) {
  const std::string_view all = file.range(strings.sh_offset, strings.sh_size);
  if (offset >= all.size()) file.refuse("a symbol's name lies outside its table");
  const std::string_view rest = all.substr(offset);
  return std::string(rest.substr(0, rest.find('\0')));
}

std::optional<Symbol> symbol_of(const File& file, const Elf64_Shdr& strings,
                                const Elf64_Sym& entry) {
  const unsigned binding = ELF64_ST_BIND(entry.st_info);
  const unsigned visibility = ELF64_ST_VISIBILITY(entry.st_other);
  if (binding == STB_LOCAL || visibility == STV_HIDDEN || visibility == STV_INTERNAL)
    return std::nullopt;
  return Symbol{name_at(file, strings, entry.st_name), entry.st_shndx != SHN_UNDEF,
                binding == STB_GNU_UNIQUE};
}

}  // namespace

std::vector<Symbol> dynamic_symbols(const std::string& path) {
  const File file(path);
  const auto head = file.at<Elf64_Ehdr>(0);
  if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) file.refuse("it is no ELF file");
  if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB ||
      head.e_type != ET_DYN)
    file.refuse("its header says so");
  std::vector<Symbol> out;
  for (uint32_t i = 0; i < head.e_shnum; ++i) {
    const Elf64_Shdr table = section(file, head, i);
    if (table.sh_type != SHT_DYNSYM) continue;
    const Elf64_Shdr strings = section(file, head, table.sh_link);
    for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
      const auto entry = file.at<Elf64_Sym>(table.sh_offset + at);
      if (const auto symbol = symbol_of(file, strings, entry)) out.push_back(*symbol);
    }
  }
  return out;
}

}  // namespace gantry::sdk::check
