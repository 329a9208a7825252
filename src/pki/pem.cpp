#include "pki/pem.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pki/openssl.h"

namespace ipm::pki {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kLineCharacters = 64;
constexpr std::size_t kLabelBytesMax = 64;

// Hands out the lines of a text; a line ends with LF, CR LF or a lone CR.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) next_ = kByteOrderMark.size();
  }

  bool take() {
    if (next_ >= text_.size()) return false;
    begin_ = next_;
    ++number_;
    const auto end = std::min(text_.find_first_of("\r\n", begin_), text_.size());
    line_ = text_.substr(begin_, end - begin_);
    next_ = end + (text_.substr(end, 2) == "\r\n" ? 2 : 1);
    return true;
  }

  std::string_view line() const { return line_; }
  std::size_t number() const { return number_; }
  std::size_t begin() const { return begin_; }  // of the line
  std::size_t next() const { return std::min(next_, text_.size()); }

 private:
  std::string_view text_;
  std::string_view line_;
  std::size_t begin_ = 0;
  std::size_t next_ = 0;
  std::size_t number_ = 0;
};

// The label of "-----BEGIN LABEL-----" for `start` = "-----BEGIN "; absent where the line is not
// one.
std::optional<std::string_view> label_of(std::string_view line, std::string_view start) {
  line = trim(line);
  if (!line.starts_with(start) || !line.ends_with(kDashes)) return std::nullopt;
  if (line.size() < start.size() + kDashes.size()) return std::nullopt;
  line.remove_prefix(start.size());
  line.remove_suffix(kDashes.size());
  if (line.empty() || line.size() > kLabelBytesMax) return std::nullopt;
  return line;
}

// Reads on from the BEGIN line until the block's END line; what is wrong, or empty.
std::string finish_block(Lines& lines, std::string_view text, PemBlock& block) {
  const std::size_t start = lines.next();
  std::size_t body = start;
  bool in_headers = false;
  bool first = true;
  while (lines.take()) {
    const std::string_view line = lines.line();
    if (line.starts_with(kEnd)) {
      const auto label = label_of(line, kEnd);
      if (label != block.label) {
        return fmt::format("line {}: the block {} that began at line {} ends with \"{}\"",
                           lines.number(), printable(block.label), block.line, printable(line, 80));
      }
      block.headers = text.substr(start, body - start);
      block.body = text.substr(body, lines.begin() - body);
      return {};
    }
    if (line.starts_with(kBegin)) break;
    // Base64 knows no colon: such a first line opens headers, and an empty line closes them.
    if (first) in_headers = line.find(':') != std::string_view::npos;
    first = false;
    if (in_headers) {
      body = lines.next();
      in_headers = !trim(line).empty();
    }
  }
  return fmt::format("line {}: the block {} has no END line: the file is cut off", block.line,
                     printable(block.label));
}

}  // namespace

bool PemBlock::has_encryption_header() const {
  return headers.find("ENCRYPTED") != std::string_view::npos;
}

PemText scan_pem(std::string_view text, std::size_t count_max) {
  PemText result;
  Lines lines(text);
  while (result.damage.empty() && lines.take()) {
    const std::string_view line = lines.line();
    if (line.starts_with(kEnd)) {
      result.damage =
          fmt::format("line {}: \"{}\" has no BEGIN line before it: the start is missing",
                      lines.number(), printable(line, 80));
    } else if (line.starts_with(kBegin)) {
      const auto label = label_of(line, kBegin);
      if (!label) {
        result.damage = fmt::format("line {}: \"{}\" is not a whole BEGIN line", lines.number(),
                                    printable(line, 80));
      } else if (result.blocks.size() == count_max) {
        result.damage = fmt::format("more than {} blocks", count_max);
      } else {
        PemBlock block{*label, {}, {}, lines.begin(), lines.number()};
        result.damage = finish_block(lines, text, block);
        if (result.damage.empty()) result.blocks.push_back(block);
      }
    }
  }
  return result;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string packed;
  packed.reserve(text.size() + 1);
  for (const char c : text) {
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') packed += c;
  }
  // EVP_DecodeBlock() takes '=' for zero bits anywhere, and counts them as bytes.
  const std::size_t padding = std::min(packed.find('='), packed.size());
  const std::size_t padded = packed.size() - padding;
  if (packed.empty() || packed.size() % 4 != 0 || padded > 2 ||
      packed.find_first_not_of('=', padding) != std::string::npos ||
      packed.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    OPENSSL_cleanse(packed.data(), packed.size());
    return std::nullopt;
  }
  std::string bytes(packed.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), octets(packed),
                                   static_cast<int>(packed.size()));
  // The block may hold a private key.
  OPENSSL_cleanse(packed.data(), packed.size());
  if (size < 0) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(size) - padded);
  return bytes;
}

std::optional<std::string> decode_pem(const PemBlock& block) {
  return decode_base64(block.body);
}

std::string pem_text(std::string_view label, std::string_view der) {
  std::string base64((der.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), octets(der),
                                   static_cast<int>(der.size()));
  base64.resize(static_cast<std::size_t>(size));
  std::string text = fmt::format("-----BEGIN {}-----\n", label);
  text.reserve(text.size() * 2 + base64.size() + base64.size() / kLineCharacters + 1);
  for (std::size_t at = 0; at < base64.size(); at += kLineCharacters) {
    text.append(base64, at, kLineCharacters);
    text += '\n';
  }
  text += fmt::format("-----END {}-----\n", label);
  return text;
}

}  // namespace ipm::pki
