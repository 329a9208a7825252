#include "ipm/trust/trust_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_lock.h"
#include "base/text.h"
#include "trust/public_roots.h"
#include "trust/store_record.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShortDigits = 16;  // of a fingerprint, in lists for people
constexpr std::chrono::seconds kLockWait{30};

// What is installed now; nothing where there is no file, or one that holds no anchors at all (the
// raw certdata.txt of the seeds' last step). Damage is not nothing.
std::vector<trust::Anchor> installed_anchors(const Context& context) {
  const auto path = context.places().anchors();
  const auto text = find_file(path, kBundleFileBytesMax);
  if (!text || trim(*text).empty() || trust::is_certdata(*text)) return {};
  try {
    return load_store(path, context);
  } catch (const Error& error) {
    if (context.force && error.message() == Message::AnchorsUnusable) return {};
    throw Error(error.message(), error.happened(), error.expected(),
                fmt::format("look at {} first: it may hold your own CA; --force replaces it whole",
                            path.string()));
  }
}

void write_record(const Places& places, const Conversion& conversion, std::string_view bundle,
                  TimePoint now) {
  const trust::StoreRecord record{conversion.source.name, to_hex(conversion.source.digest),
                                  to_hex(pki::sha256(bundle)), conversion.choice.roots.size(), now};
  write_file({trust::store_record_file(places), record.text()});
}

}  // namespace

std::vector<trust::Anchor> load_store(const fs::path& file, const Context& context) {
  auto text = read_file(file, kBundleFileBytesMax);
  std::vector<trust::Anchor> anchors;
  if (trust::is_certdata(text)) {
    const trust::Selection selection;
    const auto certdata = trust::parse_certdata(text, file.string());
    const auto choice = trust::choose_roots(certdata, selection, {}, context.now());
    text = trust::write_bundle(choice, certdata, selection, {}, {file.string(), {}});
  }
  anchors = trust::parse_anchors(text, file.string());
  trust::mark_public(anchors,
                     trust::load_public_roots(trust::public_root_places(context.places())));
  return anchors;
}

nlohmann::json to_json(const trust::Anchor& anchor) {
  nlohmann::json entry = {{"name", anchor.certificate.display_name()},
                          {"subject", anchor.certificate.subject()},
                          {"sha256", to_hex(anchor.certificate.digest())},
                          {"not_before", to_rfc3339(anchor.certificate.not_before())},
                          {"not_after", to_rfc3339(anchor.certificate.not_after())},
                          {"servers", anchor.vouches_for_servers},
                          {"clients", anchor.vouches_for_clients},
                          {"public", anchor.is_public}};
  if (anchor.server_distrust_after) {
    entry["server_distrust_after"] = to_rfc3339(*anchor.server_distrust_after);
  }
  return entry;
}

std::string line_of(const trust::Anchor& anchor) {
  return fmt::format("{}  {}  ({})", to_hex(anchor.certificate.digest()).substr(0, kShortDigits),
                     printable(anchor.certificate.display_name(), 80), trust::vouches_text(anchor));
}

void record_public_roots(const Places& places, const trust::Certdata& certdata) {
  const auto path = trust::public_root_places(places).recorded;
  trust::PublicRoots roots;
  if (const auto text = find_file(path)) roots = trust::PublicRoots::parse(*text, path.string());
  const auto known = roots.size();
  std::vector<pki::Sha256> digests;
  for (const auto& root : certdata.certificates) digests.push_back(root.digest);
  // Roots that Mozilla removed stay known: their CAs still issue to anybody.
  roots.add(digests);
  if (roots.size() != known) write_file({path, roots.text()});
}

os::Lock lock_store(const Context& context) {
  // Beside the record, not beside ca-cert.pem: what lies there is for administrators.
  return lock_file(trust::store_record_file(context.places()), kLockWait);
}

bool PresentStore::holds(const pki::Certificate& certificate) const {
  return std::ranges::any_of(
      anchors, [&](const trust::Anchor& anchor) { return anchor.certificate == certificate; });
}

PresentStore read_present_store(const fs::path& path) {
  PresentStore store{find_file(path, kBundleFileBytesMax), {}};
  if (store.text && trust::is_certdata(*store.text)) store.text.reset();
  if (store.text) store.anchors = trust::parse_anchors(*store.text, path.string());
  return store;
}

bool add_anchors(const Context& context, const fs::path& file,
                 std::span<const trust::Anchor> anchors) {
  const auto present = read_present_store(file);
  std::string added;
  for (const auto& anchor : anchors) {
    if (!present.holds(anchor.certificate)) added += trust::write_anchor(anchor);
  }
  if (added.empty()) return false;
  std::string text = present.text.value_or("");
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += text.empty() ? added.substr(1) : added;  // A file does not begin with an empty line.
  write_file({file, text, os::Privacy::Everyone, true});
  if (present.text && file == context.places().anchors())
    carry_record(context.places(), *present.text, text);
  return true;
}

Installed install_store(const Context& context, const Conversion& conversion,
                        const trust::BundleStyle& style) {
  const auto places = context.places();
  const auto lock = lock_store(context);
  auto before = installed_anchors(context);
  // Mozilla's own certificates are no private ones, whether they were marked or not.
  std::string bundle = trust::write_bundle(conversion.choice, conversion.certdata,
                                           conversion.selection, style, conversion.source);
  trust::PublicRoots in_certdata;
  std::vector<pki::Sha256> digests;
  for (const auto& root : conversion.certdata.certificates) {
    digests.push_back(root.digest);
  }
  in_certdata.add(digests);
  trust::mark_public(before, in_certdata);

  Installed result;
  result.roots = conversion.choice.roots.size();
  std::vector<trust::Anchor> old_public;
  for (const auto& anchor : before) {
    if (anchor.is_public) {
      old_public.push_back(anchor);
    } else {
      bundle += trust::write_anchor(anchor);
      ++result.private_kept;
    }
  }
  auto after = result.roots + result.private_kept == 0
                   ? std::vector<trust::Anchor>{}
                   : trust::parse_anchors(bundle, "the new bundle");
  // What was written is what was meant: the parser that will read the file says so.
  if (after.size() != result.roots + result.private_kept) {
    throw Error(Message::CertdataMalformed,
                fmt::format("the new bundle reads as {} certificates instead of {}", after.size(),
                            result.roots + result.private_kept),
                "as many as were chosen", "report this with the certdata.txt");
  }
  std::erase_if(after, [](const trust::Anchor& anchor) { return !anchor.is_public; });
  result.change = trust::compare(old_public, after);
  const auto doubt = trust::implausible(result.change, old_public.size(), after.size());
  if (doubt && !context.force) {
    throw Error(Message::BundleSuspicious, *doubt, "a store much like the one before",
                "look at the differences: ipm trust diff; --force installs it all the same");
  }
  if (after.empty()) {
    throw Error(Message::BundleSuspicious, "the new store has no root at all", "roots",
                "choose other purposes or levels");
  }
  record_public_roots(places, conversion.certdata);
  const auto installed = find_file(places.anchors(), kBundleFileBytesMax);
  if (installed != bundle) write_file({places.anchors(), bundle});
  write_record(places, conversion, bundle, context.now());
  return result;
}

void carry_record(const Places& places, std::string_view before, std::string_view after) {
  auto record = trust::find_store_record(places);
  if (!record || !record->speaks_of(pki::sha256(before))) return;
  record->bundle_sha256 = to_hex(pki::sha256(after));
  write_file({trust::store_record_file(places), record->text()});
}

void print_change(const Context& context, const trust::StoreChange& change) {
  // A first installation is told by its number; `ipm trust show` lists it.
  const bool first = change.kept == 0 && change.gone.empty() && change.changed.empty();
  if (!first) {
    for (const auto& anchor : change.came) context.say("+ " + line_of(anchor));
  }
  for (const auto& anchor : change.gone) context.say("- " + line_of(anchor));
  for (const auto& [before, after] : change.changed) {
    context.say(fmt::format("~ {}, before: {}", line_of(after), trust::vouches_text(before)));
  }
  context.say(fmt::format("{} came, {} went, {} changed, {} stayed as they were",
                          change.came.size(), change.gone.size(), change.changed.size(),
                          change.kept));
}

nlohmann::json to_json(const trust::StoreChange& change) {
  const auto list = [](const std::vector<trust::Anchor>& anchors) {
    auto result = nlohmann::json::array();
    for (const auto& anchor : anchors) result.push_back(to_json(anchor));
    return result;
  };
  auto changed = nlohmann::json::array();
  for (const auto& [before, after] : change.changed) {
    changed.push_back({{"before", to_json(before)}, {"after", to_json(after)}});
  }
  return {{"came", list(change.came)},
          {"gone", list(change.gone)},
          {"changed", std::move(changed)},
          {"kept", change.kept}};
}

}  // namespace ipm::app
