#include "ipm/trust/trust_selection.h"

namespace ipm::app {
namespace {

// What a TLS client needs. Roots that vouch for clients are never taken unasked (S18).
constexpr const char* kUsualPurposes = "SERVER_AUTH";
constexpr const char* kUsualLevels = "TRUSTED_DELEGATOR";

}  // namespace

void SelectionOptions::add_to(CLI::App& command) {
  auto* pair = command.add_option("-p", both, "Purposes and levels in one, as P,P:L,L")
                   ->type_name("PURPOSES:LEVELS");
  command
      .add_option("--purposes", purposes,
                  "Take roots trusted for any of these: SERVER_AUTH, CLIENT_AUTH, CRL_SIGN, "
                  "EMAIL_PROTECTION, CODE_SIGNING, …, or ALL "
                  "(default: SERVER_AUTH)")
      ->type_name("P,…")
      ->excludes(pair);
  command
      .add_option("--levels", levels,
                  "… at any of these levels: TRUSTED_DELEGATOR, TRUSTED, MUST_VERIFY_TRUST, "
                  "NOT_TRUSTED, or ALL (default: TRUSTED_DELEGATOR)")
      ->type_name("L,…")
      ->excludes(pair);
  command.add_flag("-t,--text", text, "List each certificate in words before its PEM");
  command
      .add_option(
          "-s,--digest", digests,
          "Print fingerprints: sha256, sha384, sha512, or all (default with --text: sha256)")
      ->type_name("D,…");
  command.add_flag("-m,--meta", meta, "Keep the source's comments on each certificate");
  command.add_option("-w,--width", width, "Columns of the PEM lines; with --text always 64")
      ->check(CLI::Range(std::size_t{1}, trust::kPemWidthMax))
      ->capture_default_str();
  command
      .add_option("--deny", deny_file,
                  "Leave out the certificates whose SHA-256 fingerprints FILE lists, one a line")
      ->type_name("FILE");
}

trust::Selection SelectionOptions::selection() const {
  if (both) return trust::Selection::parse(*both);
  return trust::Selection::parse(purposes.value_or(kUsualPurposes), levels.value_or(kUsualLevels));
}

trust::BundleStyle SelectionOptions::style() const {
  trust::BundleStyle style;
  style.text = text;
  style.meta = meta;
  style.width = width;
  if (digests) {
    style.digests = trust::parse_digests(*digests);
  } else if (text) {
    style.digests = {pki::DigestKind::Sha256};
  }
  return style;
}

}  // namespace ipm::app
