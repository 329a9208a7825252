// ipm trust show, ipm trust diff: what is trusted, and how two stores differ.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/files.h"
#include "base/text.h"
#include "ipm/common/output.h"
#include "ipm/trust/trust_commands.h"
#include "ipm/trust/trust_store.h"
#include "settings/client.h"
#include "settings/server.h"
#include "trust/public_roots.h"
#include "trust/relaxation.h"
#include "trust/store_record.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShortDigits = 16;  // of a fingerprint, in lists for people

// The record speaks of the file only while the file is the one that was written then.
std::optional<trust::StoreRecord> record_of(const Context& context, const fs::path& file,
                                            std::string_view text) {
  if (file != context.places().anchors()) return std::nullopt;
  auto record = trust::find_store_record(context.places());
  if (record && !record->speaks_of(pki::sha256(text))) record.reset();
  return record;
}

// [[trust.relax]] of both configuration files; they except CAs of the installed store alone.
std::vector<trust::Relaxation> relaxations_of(const Context& context, const fs::path& file) {
  std::vector<trust::Relaxation> all;
  const auto places = context.places();
  if (file != places.anchors()) return all;
  const auto add = [&all](const std::vector<settings::RelaxedCa>& entries) {
    for (const auto& entry : entries) {
      all.push_back(trust::parse_relaxation(entry.sha256, entry.rules, entry.place));
    }
  };
  add(settings::load_server_settings(places).relaxed_cas);
  add(settings::load_client_settings(places).relaxed_cas);
  return all;
}

// The CA's name, or why nothing is relaxed.
std::string subject_of(const trust::Relaxation& relaxation,
                       const std::vector<trust::Anchor>& anchors) {
  const auto found = std::ranges::find_if(anchors, [&](const trust::Anchor& anchor) {
    return anchor.certificate.digest() == relaxation.anchor;
  });
  if (found == anchors.end()) {
    return fmt::format("no CA here ({})", to_hex(relaxation.anchor).substr(0, kShortDigits));
  }
  const auto name = printable(found->certificate.display_name(), 80);
  return found->is_public ? name + " (publicly trusted: it is REFUSED)" : name;
}

void print_relaxations(const std::vector<trust::Relaxation>& relaxations,
                       const std::vector<trust::Anchor>& anchors) {
  if (relaxations.empty()) return;
  print_out("\nrules relaxed by the configuration:\n");
  for (const auto& relaxation : relaxations) {
    print_out("{}: {}: {}\n", relaxation.origin, subject_of(relaxation, anchors),
              fmt::join(relaxation.rules, ", "));
  }
}

nlohmann::json relaxation_json(const trust::Relaxation& relaxation,
                               const std::vector<trust::Anchor>& anchors) {
  return {{"where", relaxation.origin},
          {"sha256", to_hex(relaxation.anchor)},
          {"rules", relaxation.rules},
          {"installed", trust::concerns(relaxation, anchors)}};
}

void print_store(const Context& context, const fs::path& file,
                 const std::vector<trust::Anchor>& anchors, std::size_t distrusted,
                 const std::optional<trust::StoreRecord>& record) {
  const auto now = context.now();
  const auto count_public =
      std::ranges::count_if(anchors, [](const trust::Anchor& anchor) { return anchor.is_public; });
  const auto private_count = static_cast<std::ptrdiff_t>(anchors.size()) - count_public;
  print_out("{}: {} publicly trusted, {} private, {} explicitly distrusted\n", file.string(),
            count_public, private_count, distrusted);
  if (record) {
    print_out("installed {} days ago from {} (SHA-256 {})\n", record->age(now).count(),
              printable(record->source), printable(record->source_sha256));
    if (record->is_old(now)) print_out("it is old: ipm trust update\n");
  } else if (count_public == 0) {
    print_out("installed by hand, {} anchor{}\n", private_count, private_count == 1 ? "" : "s");
  }
  print_out("\n{:<16}  {:<24}  {:<7}  {}\n", "SHA-256", "expires", "kind", "name, vouches for");
  for (const auto& anchor : anchors) {
    const auto& certificate = anchor.certificate;
    print_out("{}  {}  {:<7}  {}: {}{}\n", to_hex(certificate.digest()).substr(0, kShortDigits),
              to_certificate_time(certificate.not_after()), anchor.is_public ? "public" : "private",
              printable(certificate.display_name(), 80), trust::vouches_text(anchor),
              certificate.not_after() < now ? " (EXPIRED)" : "");
  }
}

int show(const Context& context, const std::optional<fs::path>& given) {
  const auto file = given.value_or(context.places().anchors());
  const auto anchors = load_store(file, context);
  const auto text = read_file(file, kBundleFileBytesMax);
  const auto distrusted = trust::parse_distrusted(text, file.string());
  const auto record = record_of(context, file, text);
  const auto relaxations = relaxations_of(context, file);
  if (!context.json) {
    print_store(context, file, anchors, distrusted.size(), record);
    print_relaxations(relaxations, anchors);
    return kOk;
  }
  nlohmann::json document = {{"file", file.string()}, {"anchors", nlohmann::json::array()}};
  for (const auto& anchor : anchors) document["anchors"].push_back(to_json(anchor));
  document["distrusted"] = nlohmann::json::array();
  for (const auto& certificate : distrusted) {
    document["distrusted"].push_back(
        {{"label", certificate.label},
         {"issuer_serial_sha256", to_hex(certificate.issuer_and_serial)}});
  }
  document["relaxed"] = nlohmann::json::array();
  for (const auto& one : relaxations) document["relaxed"].push_back(relaxation_json(one, anchors));
  if (record) {
    document["source"] = record->source;
    document["source_sha256"] = record->source_sha256;
    document["installed"] = to_rfc3339(record->installed);
    document["age_days"] = record->age(context.now()).count();
    document["old"] = record->is_old(context.now());
  }
  Context::print_json(document);
  return kOk;
}

int diff(const Context& context, const fs::path& before, const fs::path& after) {
  const auto change = trust::compare(load_store(before, context), load_store(after, context));
  if (context.json) {
    Context::print_json(to_json(change));
  } else {
    print_change(context, change);
  }
  return kOk;
}

}  // namespace

void add_trust_show(CLI::App& noun, Context& context) {
  CLI::App& command =
      add_command(noun, "show", "The trusted CAs, what each vouches for, and the store's age",
                  "  ipm trust show\n  ipm trust show other.pem --json");
  const auto file = std::make_shared<std::optional<fs::path>>();
  command.add_option("FILE", *file, "Another file than the installed one");
  on_run(command, context, [&context, file] { return show(context, *file); });
}

void add_trust_diff(CLI::App& noun, Context& context) {
  CLI::App& command = add_command(noun, "diff", "What came, went and changed between two stores",
                                  "  ipm trust diff /etc/ipm/ca-cert.pem new.pem\n"
                                  "  ipm trust diff old-certdata.txt certdata.txt");
  const auto before = std::make_shared<fs::path>();
  const auto after = std::make_shared<fs::path>();
  command.add_option("OLD", *before, "A PEM file or a certdata.txt")->required();
  command.add_option("NEW", *after, "A PEM file or a certdata.txt")->required();
  on_run(command, context, [&context, before, after] { return diff(context, *before, *after); });
}

}  // namespace ipm::app
