#pragma once
// Reading the one kind of block that is wanted out of a PEM file, and the errors that say what was
// found instead and which command mends it (S4, S12).

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ipm::pki {

enum class Wanted { Certificate, PrivateKey, EncryptedKey, Request, Crl };

struct DerBlock {
  std::string der;
  std::size_t line = 0;  // of the BEGIN line
};

// The blocks of `wanted` (a certificate, request or CRL) in a text, at least one; other blocks and
// text are ignored, damage is not. Throws the Error of wrong_kind() or damaged(), also for more
// than `count_max` and for a block of more than `bytes_max`.
std::vector<DerBlock> read_blocks(Wanted wanted, std::string_view text, std::string_view origin,
                                  std::size_t count_max, std::size_t bytes_max);

// The Error for `bytes` of the file `origin`, in which nothing that is `wanted` was found: what it
// is instead, and the command that mends it.
Error wrong_kind(Wanted wanted, std::string_view bytes, std::string_view origin);

// The Error for a file of the right kind that does not read; `what` says where and how.
Error damaged(Wanted wanted, std::string_view what, std::string_view origin);

// The Error for more, or more bytes, than a limit allows.
Error beyond_limit(Wanted wanted, std::string_view what, std::size_t limit,
                   std::string_view origin);

// `text` as one word of a shell's command line.
std::string shell_word(std::string_view text);

}  // namespace ipm::pki
