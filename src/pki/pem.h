#pragma once
// PEM text (RFC 7468, and RFC 1421's headers): finding its blocks, reading and writing them.
//
// OpenSSL's own reader skips blocks it does not want, asks at the terminal for passphrases and
// tells little about what it found; this one reads each block once and leaves the judging to its
// caller. A UTF-8 byte order mark, any line ends, and text around the blocks are tolerated.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ipm::pki {

struct PemBlock {
  std::string_view label;    // "CERTIFICATE"
  std::string_view headers;  // "Proc-Type: 4,ENCRYPTED…" or empty
  std::string_view body;     // base64 with its line breaks
  std::size_t offset = 0;    // of the BEGIN line in the text
  std::size_t line = 0;      // of the BEGIN line, from 1

  // Encrypted in the traditional way, by its header.
  bool has_encryption_header() const;
};

struct PemText {
  std::vector<PemBlock> blocks;  // up to the first damage; views into the text
  std::string damage;  // "line 3: the block CERTIFICATE has no END line"; empty when whole
};

// Total and linear. More than `count_max` blocks are damage.
PemText scan_pem(std::string_view text, std::size_t count_max);

// The bytes of a block, or absent where its body is not base64 or is empty.
std::optional<std::string> decode_pem(const PemBlock& block);

// One block, in lines of 64.
std::string pem_text(std::string_view label, std::string_view der);

// Bare base64 with blanks, as the body of a block; absent where it is anything else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace ipm::pki
