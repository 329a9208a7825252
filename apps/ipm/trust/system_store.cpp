#include "ipm/trust/system_store.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "ipm/common/run_program.h"

namespace ipm::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameDigits = 16;
constexpr std::size_t kProfilesMax = 50;

// A folder for a site's own CAs, and the program that takes them up.
struct Family {
  std::string_view program;
  std::string_view folder;
};

// In the order in which they are looked for; a family is here when its program and its folder are.
constexpr std::array<Family, 5> kFamilies = {{
    {"update-ca-certificates", "/usr/local/share/ca-certificates"},    // Debian, Alpine
    {"update-ca-trust", "/etc/pki/ca-trust/source/anchors"},           // RHEL, Fedora
    {"update-ca-certificates", "/etc/pki/trust/anchors"},              // SUSE
    {"update-ca-trust", "/etc/ca-certificates/trust-source/anchors"},  // Arch
    {"update-ca-certificates", "/usr/share/ca-certificates/trust-source/anchors"},
}};

std::string name_of(const trust::Anchor& anchor) {
  return "ipm-" + to_hex(anchor.certificate.digest()).substr(0, kNameDigits);
}

std::optional<std::string> add_to_family(const trust::Anchor& anchor) {
  for (const auto& family : kFamilies) {
    const auto program = find_program(family.program);
    if (!program || !fs::is_directory(family.folder)) continue;
    const auto file = fs::path(family.folder) / (name_of(anchor) + ".crt");
    const auto pem = anchor.certificate.pem();
    write_file({file, pem});
    run_program(*program, {});
    return fmt::format("{} written, {} run", file.string(), program->string());
  }
  return std::nullopt;
}

// A certificate in a file of its own, for as long as this object lives.
class TemporaryPem {
 public:
  explicit TemporaryPem(const trust::Anchor& anchor) {
    std::string pattern = (fs::temp_directory_path() / "ipm-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw Error(Message::FileUnwritable, "no folder for temporary files can be made",
                  "a temporary folder that this user may write to");
    }
    folder_ = pattern;
    const auto pem = anchor.certificate.pem();
    write_file({path(), pem});
  }
  TemporaryPem(const TemporaryPem&) = delete;
  TemporaryPem& operator=(const TemporaryPem&) = delete;
  ~TemporaryPem() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  fs::path path() const { return folder_ / "ca.pem"; }

 private:
  fs::path folder_;
};

std::optional<std::string> add_through_p11_kit(const trust::Anchor& anchor) {
  const auto program = find_program("trust");
  if (!program) return std::nullopt;
  const TemporaryPem file(anchor);
  run_program(*program, {"anchor", "--store", file.path().string()});
  return fmt::format("{} anchor --store run", program->string());
}

// The NSS databases of this user: Chromium's, and one for each profile of Firefox.
std::vector<fs::path> nss_databases() {
  std::vector<fs::path> databases;
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): no threads here
  if (home == nullptr || *home == '\0') return databases;
  const auto add = [&](const fs::path& folder) {
    std::error_code error;
    if (fs::exists(folder / "cert9.db", error)) databases.push_back(folder);
  };
  add(fs::path(home) / ".pki/nssdb");
  for (const std::string_view profiles :
       {".mozilla/firefox", "snap/firefox/common/.mozilla/firefox"}) {
    std::error_code error;
    for (fs::directory_iterator entry(fs::path(home) / profiles, error), end;
         !error && entry != end && databases.size() < kProfilesMax; entry.increment(error)) {
      add(entry->path());
    }
  }
  return databases;
}

void add_to_browsers(const trust::Anchor& anchor, std::vector<std::string>& done) {
  const auto databases = nss_databases();
  const auto program = find_program("certutil");
  if (!program) {
    if (!databases.empty()) {
      done.emplace_back(
          "this user's browsers keep CAs of their own; to reach them install certutil "
          "(libnss3-tools, nss-tools) and run this again");
    }
    return;
  }
  const TemporaryPem file(anchor);
  const std::string flags = fmt::format("{}{},,", anchor.vouches_for_servers ? "C" : "",
                                        anchor.vouches_for_clients ? "T" : "");
  for (const auto& database : databases) {
    run_program(*program, {"-A", "-d", "sql:" + database.string(), "-n", name_of(anchor), "-t",
                           flags, "-i", file.path().string()});
    done.push_back(fmt::format("{} taught", database.string()));
  }
}

}  // namespace

std::vector<std::string> add_to_system(const trust::Anchor& anchor) {
  std::vector<std::string> done;
  auto line = add_to_family(anchor);
  if (!line) line = add_through_p11_kit(anchor);
  if (!line) {
    throw Error(Message::FileNotFound, "no store of this operating system was found",
                "update-ca-certificates, update-ca-trust, or p11-kit's trust",
                "install ca-certificates, or leave --system out");
  }
  done.push_back(*line);
  add_to_browsers(anchor, done);
  return done;
}

}  // namespace ipm::app
