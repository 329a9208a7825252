#pragma once
// ipm.toml as values: what a client needs to find its server and its certificates.
//
//   [client]
//   server = "ipmsrv.example.com"      # HOST[:PORT]; default: this machine's own server
//   destination = "office"             # what `ipm print` uses without -d
//   encryption = true                  # false: plain IPP, for servers with encryption off
//   # certificate, key, ca, crl: paths
//   # common_name = true, relaxed = []
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
  std::optional<std::string> destination;
  bool encrypted = true;
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path anchors;
  std::filesystem::path crl;
  bool common_name = true;
  std::vector<std::string> relaxed;
  std::vector<std::string> denied;  // fingerprints: 64 hexadecimal digits, colons or not
  std::vector<RelaxedCa> relaxed_cas;
};

// Throws Error{ConfigurationWrong}, with the line.
ClientSettings parse_client_settings(std::string_view text, const std::filesystem::path& origin,
                                     const Places& places);
ClientSettings load_client_settings(const Places& places);

}  // namespace ipm::settings
