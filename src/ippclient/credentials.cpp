#include "ippclient/credentials.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ippclient/limits.h"
#include "os/privacy.h"
#include "pki/digest.h"
#include "pki/random.h"
#include "pki/wanted.h"

namespace ipm::ippclient {
namespace {

struct Challenge {
  std::string scheme;  // lower case
  std::map<std::string, std::string> parameters;

  std::string value(const std::string& name) const {
    const auto at = parameters.find(name);
    return at == parameters.end() ? std::string() : at->second;
  }
};

bool is_token(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~/").find(c) != std::string_view::npos;
}

std::string take_quoted(std::string_view& text) {
  std::string out;
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    out += text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return out;
}

std::string_view take_token(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_token(text[size])) ++size;
  const auto token = text.substr(0, size);
  text.remove_prefix(size);
  return token;
}

void skip(std::string_view& text, std::string_view what) {
  while (!text.empty() && what.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
}

// A list of challenges (RFC 9110, 11.6.1): a word before "=" is a parameter, another a scheme.
std::vector<Challenge> parse(std::string_view text) {
  std::vector<Challenge> found;
  text = text.substr(0, kChallengesBytesMax);
  for (;;) {
    skip(text, ", \t");
    if (text.empty()) return found;
    const std::string word = to_lower_ascii(take_token(text));
    if (word.empty()) return found;
    const std::string_view before = text;
    skip(text, " \t");
    if (text.starts_with('=') && !found.empty()) {
      text.remove_prefix(1);
      skip(text, " \t");
      found.back().parameters[word] =
          text.starts_with('"') ? take_quoted(text) : std::string(take_token(text));
    } else {
      text = before;
      found.push_back({word, {}});
    }
  }
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8U;
      if (at + i < bytes.size()) group |= static_cast<unsigned char>(bytes[at + i]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += at + i > bytes.size() ? '=' : kDigits[(group >> (18 - 6 * i)) & 63U];
    }
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

bool has_word(std::string_view list, std::string_view word) {
  for (const auto part : split(list, ',')) {
    if (equal_ascii_nocase(trim(part), word)) return true;
  }
  return false;
}

// RFC 7616, 3.4, with qop "auth", or none (RFC 2069) where the server offers none.
std::optional<std::string> digest(const Credentials& credentials, const Challenge& challenge,
                                  std::string_view method, std::string_view target, int count) {
  const std::string algorithm = challenge.value("algorithm");
  const bool md5 = algorithm.empty() || equal_ascii_nocase(algorithm, "MD5");
  if (!md5 && !equal_ascii_nocase(algorithm, "SHA-256")) return std::nullopt;
  const std::string qop = challenge.value("qop");
  if (!qop.empty() && !has_word(qop, "auth")) return std::nullopt;
  const auto hash = [&](const std::string& text) {
    return md5 ? to_hex(pki::insecure_md5(text)) : to_hex(pki::sha256(text));
  };
  const std::string realm = challenge.value("realm");
  const std::string nonce = challenge.value("nonce");
  const std::string opaque = challenge.value("opaque");
  const Secret secret(
      fmt::format("{}:{}:{}", credentials.user, realm, credentials.password->reveal()));
  const std::string ha1 = hash(std::string(secret.reveal()));
  const std::string ha2 = hash(fmt::format("{}:{}", method, target));
  std::string out =
      fmt::format("Digest username={}, realm={}, nonce={}, uri={}", in_quotes(credentials.user),
                  in_quotes(realm), in_quotes(nonce), in_quotes(target));
  if (qop.empty()) {
    out += fmt::format(", response=\"{}\"", hash(fmt::format("{}:{}:{}", ha1, nonce, ha2)));
  } else {
    std::array<unsigned char, 16> random{};
    pki::fill_random(random);
    const std::string cnonce = to_hex(random);
    out +=
        fmt::format(", qop=auth, nc={:08x}, cnonce=\"{}\", response=\"{}\"", count, cnonce,
                    hash(fmt::format("{}:{}:{:08x}:{}:auth:{}", ha1, nonce, count, cnonce, ha2)));
  }
  if (!algorithm.empty()) out += ", algorithm=" + algorithm;
  if (!opaque.empty()) out += ", opaque=" + in_quotes(opaque);
  return out;
}

}  // namespace

Credentials read_credentials(const std::filesystem::path& file) {
  const auto audience = exposed_to(file);
  if (!audience.empty()) {
    throw Error(Message::ConfigurationWrong,
                fmt::format("{} may be read by {}: it holds a password", file.string(), audience),
                "a file that only the user running ipmd may read",
                os::private_file_command(pki::shell_word(file.string())));
  }
  const Secret text(read_file(file, kCredentialsBytesMax));
  const auto line = trim(text.reveal());
  const auto colon = line.find(':');
  const bool plain = std::none_of(line.begin(), line.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 || code == 0x7f;
  });
  if (colon == 0 || colon == std::string_view::npos || !plain || !is_utf8(line)) {
    throw Error(Message::ConfigurationWrong,
                fmt::format("{} holds no user name and password", file.string()),
                "one line, USER:PASSWORD, in UTF-8");
  }
  return {std::string(line.substr(0, colon)),
          std::make_shared<const Secret>(std::string(line.substr(colon + 1)))};
}

std::optional<std::string> authorize(const Credentials& credentials, std::string_view challenges,
                                     std::string_view method, std::string_view target, int count) {
  const auto found = parse(challenges);
  for (const bool strong : {true, false}) {
    for (const auto& challenge : found) {
      if (challenge.scheme != "digest") continue;
      if (strong != equal_ascii_nocase(challenge.value("algorithm"), "SHA-256")) continue;
      if (auto field = digest(credentials, challenge, method, target, count)) return field;
    }
  }
  for (const auto& challenge : found) {
    if (challenge.scheme != "basic") continue;
    return "Basic " +
           base64(fmt::format("{}:{}", credentials.user, credentials.password->reveal()));
  }
  return std::nullopt;
}

}  // namespace ipm::ippclient
