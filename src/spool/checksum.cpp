#include "spool/checksum.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ipm::spool {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // Reflected.

constexpr std::array<std::uint32_t, 256> byte_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}
constexpr auto kByteTable = byte_table();

std::uint32_t add_by_table(std::uint32_t crc, const char* bytes, std::size_t count) {
  for (; count > 0; --count, ++bytes) {
    crc = (crc >> 8U) ^ kByteTable[(crc ^ static_cast<unsigned char>(*bytes)) & 0xffU];
  }
  return crc;
}

#if defined(__x86_64__)

// Three lanes run at once, because the instruction takes three cycles and one can begin in each.
constexpr std::size_t kLaneBytes = 2048;

// What `crc` becomes by kLaneBytes zero bytes, for each value of each of its four bytes.
using ShiftTable = std::array<std::array<std::uint32_t, 256>, 4>;

ShiftTable shift_table() {
  ShiftTable table{};
  std::array<std::uint32_t, 32> of_bit{};
  for (std::size_t bit = 0; bit < of_bit.size(); ++bit) {
    std::uint32_t crc = 1U << bit;
    for (std::size_t i = 0; i < kLaneBytes; ++i) crc = (crc >> 8U) ^ kByteTable[crc & 0xffU];
    of_bit[bit] = crc;
  }
  for (std::size_t place = 0; place < table.size(); ++place) {
    for (std::size_t value = 0; value < table[place].size(); ++value) {
      for (std::size_t bit = 0; bit < 8; ++bit) {
        if ((value >> bit & 1U) != 0) table[place][value] ^= of_bit[8 * place + bit];
      }
    }
  }
  return table;
}

std::uint32_t shift(const ShiftTable& table, std::uint32_t crc) {
  return table[0][crc & 0xffU] ^ table[1][crc >> 8U & 0xffU] ^ table[2][crc >> 16U & 0xffU] ^
         table[3][crc >> 24U];
}

std::uint64_t word_at(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

__attribute__((target("sse4.2"))) std::uint32_t add_by_instruction(std::uint32_t crc,
                                                                   const char* bytes,
                                                                   std::size_t count) {
  static const ShiftTable table = shift_table();
  std::uint64_t first = crc;
  for (; count >= 3 * kLaneBytes; count -= 3 * kLaneBytes, bytes += 3 * kLaneBytes) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t at = 0; at < kLaneBytes; at += 8) {
      first = __builtin_ia32_crc32di(first, word_at(bytes + at));
      second = __builtin_ia32_crc32di(second, word_at(bytes + kLaneBytes + at));
      third = __builtin_ia32_crc32di(third, word_at(bytes + 2 * kLaneBytes + at));
    }
    first = shift(table, static_cast<std::uint32_t>(first)) ^ second;
    first = shift(table, static_cast<std::uint32_t>(first)) ^ third;
  }
  for (; count >= 8; count -= 8, bytes += 8) first = __builtin_ia32_crc32di(first, word_at(bytes));
  return add_by_table(static_cast<std::uint32_t>(first), bytes, count);
}

#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return ~add_by_instruction(~before, bytes.data(), bytes.size());
#endif
  return ~add_by_table(~before, bytes.data(), bytes.size());
}

namespace {

void append_sum(std::string& sums, std::uint32_t sum) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    sums.push_back(static_cast<char>(sum >> shift & 0xffU));
  }
}

}  // namespace

void PieceSums::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kPieceBytes - filled_);
    current_ = crc32c(part, current_);
    filled_ += part.size();
    bytes.remove_prefix(part.size());
    if (filled_ < kPieceBytes) continue;
    append_sum(sums_, current_);
    current_ = 0;
    filled_ = 0;
  }
}

std::string PieceSums::finish() {
  if (filled_ > 0) append_sum(sums_, current_);
  current_ = 0;
  filled_ = 0;
  return std::move(sums_);
}

std::size_t find_damaged_piece(std::string_view bytes, std::string_view sums, std::size_t first) {
  for (std::size_t piece = first; !bytes.empty(); ++piece) {
    const std::string_view part = bytes.substr(0, kPieceBytes);
    std::string found;
    append_sum(found, crc32c(part));
    if (sums.size() < 4 * (piece + 1) || sums.substr(4 * piece, 4) != found) return piece;
    bytes.remove_prefix(part.size());
  }
  return std::string_view::npos;
}

}  // namespace ipm::spool
