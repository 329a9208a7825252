#pragma once
// ipm.toml as values: what a client needs to find its server and its certificates. The machine's
// file stands in its configuration folder, a user's own in user_folder(); each key of the user's
// wins.
//
//   [client]
//   server = "ipmsrv.example.com"      # HOST[:PORT]; default: this machine's own server
//   destination = "office"             # what `ipm print` uses without -d
//   encryption = true                  # false: plain IPP, for servers with encryption off
//   # certificate, key, ca, crl: paths
//   # warn_days = 31, common_name = true, relaxed = []
//   [trust]
//   deny = []                          # SHA-256 fingerprints of certificates never to be trusted
//   [[trust.relax]]                    # for old devices; see relaxed.h
//   sha256 = "…"                       # of their CA's certificate
//   rules = ["weak-key"]

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/places.h"
#include "settings/relaxed.h"

namespace ipm::settings {

struct ClientSettings {
  std::optional<std::string> server;
  std::filesystem::path server_file;  // the one that names it
  std::optional<std::string> destination;
  bool encrypted = true;
  std::filesystem::path certificate;
  std::filesystem::path key;
  // The pair is the machine's and this user may not read its key: there is none to dial with.
  bool identity_unreadable = false;
  std::filesystem::path anchors;
  std::filesystem::path crl;
  int warn_days =
      31;  // 1 to 3650: the client's own certificate is told to end with fewer days left
  bool common_name = true;
  std::vector<std::string> relaxed;
  std::vector<std::string> denied;  // fingerprints: 64 hexadecimal digits, colons or not
  std::vector<RelaxedCa> relaxed_cas;

  // Where this user's own settings belong: for advice. The machine's files for root, or where
  // the user has no folder.
  std::filesystem::path own_folder;
};

// $XDG_CONFIG_HOME/ipm, else ~/.config/ipm; empty where neither variable is set.
std::filesystem::path user_folder();

// One file over the defaults. Throws Error{ConfigurationWrong}, with the line.
ClientSettings parse_client_settings(std::string_view text, const std::filesystem::path& origin,
                                     const Places& places);

// The machine's file, over it that of `user` (empty: none), and whose client-cert.pem and
// client-key.pem there are: the user's before the machine's. Throws Error{ConfigurationWrong,
// FileUnreadable}.
ClientSettings load_client_settings(const Places& places,
                                    const std::filesystem::path& user = user_folder());

}  // namespace ipm::settings
