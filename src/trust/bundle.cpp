#include "trust/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "pki/openssl.h"
#include "pki/pem.h"
#include "trust/deny_list.h"

namespace ipm::trust {
namespace {

constexpr std::size_t kLabelBytesMax = 256;
constexpr std::size_t kCommentBytesMax = 4096;

std::string write_pem(const std::string& der, std::size_t width) {
  if (width == kPemWidth) return pki::pem_text("CERTIFICATE", der);
  std::string base64((der.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                   pki::octets(der), static_cast<int>(der.size()));
  base64.resize(static_cast<std::size_t>(size));
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  pem.reserve(base64.size() + base64.size() / width + 64);
  for (std::size_t at = 0; at < base64.size(); at += width) {
    pem.append(base64, at, width);
    pem += '\n';
  }
  return pem += "-----END CERTIFICATE-----\n";
}

// What `openssl x509 -text -nameopt oneline` prints before the PEM.
std::string listing(const pki::Certificate& certificate) {
  const auto writer = pki::memory_writer();
  if (X509_print_ex(writer.get(), certificate.handle(), XN_FLAG_ONELINE, 0) != 1) {
    pki::throw_openssl(Message::CryptoFailed, "a certificate cannot be listed",
                       "X509_print_ex to succeed");
  }
  pki::take_openssl_errors();
  return pki::written(writer.get());
}

// Parts of a certificate (a policy's notice) are listed as they stand, with line breaks and all.
bool breaks_file(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kBreaks = {"\n-----", "\r-----", "\n# ipm-",
                                                              "\r# ipm-"};
  return std::ranges::any_of(
      kBreaks, [&](std::string_view line) { return text.find(line) != std::string_view::npos; });
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// "MUST_VERIFY_TRUST: EMAIL_PROTECTION, CODE_SIGNING" for each level that occurs.
std::string level_lines(const TrustStatements& statements) {
  static constexpr std::array kLevels = {TrustLevel::MustVerifyTrust, TrustLevel::NotTrusted,
                                         TrustLevel::Trusted, TrustLevel::TrustedDelegator};
  std::string lines;
  for (const auto level : kLevels) {
    std::string purposes;
    for (const auto& statement : statements) {
      if (statement.level != level) continue;
      purposes += purposes.empty() ? "" : ", ";
      purposes += purpose_word(statement.purpose);
    }
    if (!purposes.empty()) lines += fmt::format("{}: {}\n", level_word(level), purposes);
  }
  return lines;
}

// The source's comment lines, without the one that only repeats the label.
std::string comment_lines(const StoreCertificate& root) {
  std::string lines;
  for (const auto comment : root.comments) {
    if (comment.starts_with("# Certificate \"")) continue;
    const bool poses = comment.starts_with(kTrustLine) || comment.starts_with(kDistrustLine);
    lines += poses ? "# " : "";
    lines += is_utf8(comment) &&
                     std::ranges::none_of(
                         comment,
                         [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; })
                 ? std::string(comment.substr(0, kCommentBytesMax))
                 : printable(comment, kCommentBytesMax);
    lines += '\n';
  }
  return lines;
}

std::string trust_line(const StoreCertificate& root) {
  std::string line(kTrustLine);
  line += " purposes=";
  std::size_t count = 0;
  for (const auto& statement : root.statements) {
    if (!vouches({statement}, statement.purpose)) continue;
    line += count++ == 0 ? "" : ",";
    line += purpose_word(statement.purpose);
  }
  if (root.server_distrust_after) {
    line += "; server-distrust-after=" + to_rfc3339(*root.server_distrust_after);
  }
  if (root.email_distrust_after) {
    line += "; email-distrust-after=" + to_rfc3339(*root.email_distrust_after);
  }
  return line + "; public\n";
}

std::string distrust_line(const Distrusted& distrusted) {
  std::string line =
      fmt::format("{} issuer-serial={}", kDistrustLine, to_hex(distrusted.issuer_and_serial));
  if (distrusted.sha256) line += "; sha256=" + to_hex(*distrusted.sha256);
  return line + "; label=" + distrusted.label + "\n";
}

std::string titled(std::string_view label) {
  const auto title = safe_line(label);
  return fmt::format("\n{}\n{}\n", title, std::string(code_points(title), '='));
}

std::string_view digest_word(pki::DigestKind kind) {
  switch (kind) {
    case pki::DigestKind::Sha384:
      return "SHA384";
    case pki::DigestKind::Sha512:
      return "SHA512";
    case pki::DigestKind::Sha256:
      break;
  }
  return "SHA256";
}

std::string header(const Choice& choice, const Selection& selection, const BundleStyle& style,
                   const BundleSource& source) {
  return fmt::format(
      "##\n"
      "## Trusted CA certificates, selected from Mozilla's certdata.txt by ipm trust build.\n"
      "##\n"
      "## Source: {}\n"
      "## SHA256: {}\n"
      "## Selection: {}\n"
      "## Certificates: {}{}\n"
      "##\n"
      "## The lines \"# ipm-\" say what PEM cannot: for what a root vouches, until when, and "
      "which\n"
      "## certificates are distrusted. ipm and ipmd obey them; other programs pass over them.\n"
      "## Make this file anew rather than edit it: ipm trust update.\n"
      "##\n"
      "## The certificates and what is said of them come from Mozilla's root store, under the\n"
      "## Mozilla Public License 2.0 (https://mozilla.org/MPL/2.0/).\n"
      "##\n\n",
      safe_line(source.name), to_hex(source.digest), selection.text(), choice.roots.size(),
      style.text ? ", each with its listing" : "");
}

}  // namespace

Choice choose_roots(const Certdata& certdata, const Selection& selection,
                    const std::vector<pki::Sha256>& denied, TimePoint now) {
  Choice choice;
  for (const auto& root : certdata.certificates) {
    if (!selection.wants(root.statements)) continue;
    if (is_denied(denied, root.digest)) {
      choice.denied.push_back(&root);
    } else if (root.not_after < now) {
      choice.expired.push_back(&root);
    } else {
      choice.roots.push_back(&root);
    }
  }
  return choice;
}

std::vector<pki::DigestKind> parse_digests(std::string_view text) {
  std::vector<pki::DigestKind> kinds;
  for (const auto part : split(text, ',')) {
    const auto word = to_lower_ascii(trim(part));
    if (word == "sha256" || word == "all") kinds.push_back(pki::DigestKind::Sha256);
    if (word == "sha384" || word == "all") kinds.push_back(pki::DigestKind::Sha384);
    if (word == "sha512" || word == "all") kinds.push_back(pki::DigestKind::Sha512);
    if (word != "sha256" && word != "sha384" && word != "sha512" && word != "all") {
      throw Error(Message::UsageWrong, fmt::format("{} is no digest", printable(part, 40)),
                  "sha256, sha384, sha512, or all");
    }
  }
  return kinds;
}

std::string safe_line(std::string_view text) {
  auto line = printable(text, kLabelBytesMax);
  if (line.starts_with('-')) line.replace(0, 1, "\\x2d");
  if (line.starts_with('#')) line.replace(0, 1, "\\x23");
  return line;
}

std::string write_bundle(const Choice& choice, const Certdata& certdata, const Selection& selection,
                         const BundleStyle& style, const BundleSource& source) {
  std::string file = header(choice, selection, style, source);
  for (const auto& distrusted : certdata.distrusted) file += distrust_line(distrusted);
  for (const auto* root : choice.denied) {
    file += distrust_line(
        {root->issuer_and_serial, root->digest, printable(root->label, kLabelBytesMax)});
  }
  for (const auto* root : choice.roots) {
    file += titled(root->label.empty() ? root->certificate().display_name() : root->label);
    if (style.text) file += level_lines(root->statements);
    if (style.meta) file += comment_lines(*root);
    const std::span bytes(pki::octets(root->der), root->der.size());
    for (const auto kind : style.digests) {
      file += fmt::format("{} Fingerprint={}\n", digest_word(kind), pki::fingerprint(kind, bytes));
    }
    file += trust_line(*root);
    if (style.text) {
      const auto text = listing(root->certificate());
      if (breaks_file(text)) {
        throw Error(Message::CertdataMalformed,
                    fmt::format("line {}: the listing of \"{}\" holds lines that pose as PEM",
                                root->line, printable(root->label, 80)),
                    "a certificate without such texts",
                    "write the bundle without --text, or deny this root with --deny");
      }
      file += text;
    }
    file += write_pem(root->der, style.text ? kPemWidth : style.width);
  }
  return file;
}

std::string write_anchor(const Anchor& anchor) {
  std::string purposes;
  if (anchor.vouches_for_servers) purposes = "SERVER_AUTH";
  if (anchor.vouches_for_clients) purposes += purposes.empty() ? "CLIENT_AUTH" : ",CLIENT_AUTH";
  std::string line = fmt::format("{} purposes={}", kTrustLine, purposes);
  if (anchor.server_distrust_after) {
    line += "; server-distrust-after=" + to_rfc3339(*anchor.server_distrust_after);
  }
  if (anchor.is_public) line += "; public";
  return titled(anchor.certificate.display_name()) + line + "\n" +
         write_pem(anchor.certificate.der(), kPemWidth);
}

}  // namespace ipm::trust
