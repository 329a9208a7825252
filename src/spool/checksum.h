#pragma once
// CRC32C (RFC 3720, 12.1) of documents, by pieces: what the disk gives back is compared with what
// was taken in. It finds a disk's mistakes, not an enemy's.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ipm::spool {

// Goes on from the checksum of what came before; 0: nothing came.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

inline constexpr std::size_t kPieceBytes = 64U << 10U;

// The checksums of all pieces, 4 bytes each, the least significant first. The last piece is what is
// left; an empty document has none.
class PieceSums {
 public:
  void add(std::string_view bytes);
  std::string finish();

 private:
  std::string sums_;
  std::uint32_t current_ = 0;
  std::size_t filled_ = 0;  // Of the current piece.
};

// The first piece (counted from 0) of `bytes` that differs from `sums`, `bytes` beginning with
// piece `first`; npos: none. What `sums` does not reach differs.
std::size_t find_damaged_piece(std::string_view bytes, std::string_view sums,
                               std::size_t first = 0);

}  // namespace ipm::spool
