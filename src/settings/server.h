#pragma once
// ipmd.toml as values: every key that the server knows, with its default. This is
// the file:
//
//   [server]
//   name = "ipmsrv.example.com"        # default: this machine's full name
//   listen = ["[::]:631"]
//   [encryption]
//   enabled = true                     # the one switch (S1)
//   mutual = true                      # clients must prove themselves
//   # certificate, key, ca, client_ca, crl, dial_certificate, dial_key: paths
//   # warn_days = 31, public_ca_clients = "allow", common_name = true, relaxed = []
//   [revocation]
//   required = false                   # true: nobody is admitted whose CA has no list here (B6)
//   stale = "refuse"                   # "warn": a list past its nextUpdate is used all the same
//   [trust]
//   deny = []                          # SHA-256 fingerprints of certificates never to be trusted
//   [[trust.relax]]                    # for old devices; see relaxed.h
//   sha256 = "…"                       # of their CA's certificate
//   rules = ["weak-key"]
//   [access]
//   administrators = ["admin.example.com"]
//   operators = []
//   [history]
//   jobs = 10000                       # finished jobs kept at most,
//   days = 30                          # and none that ended longer ago
//   [spool]
//   reserve_bytes = 67108864           # kept free for ends and cancels on a full disk
//   [limits]
//   document_bytes, connections, connections_per_address

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/places.h"
#include "settings/relaxed.h"

namespace ipm::settings {

struct ServerSettings {
  std::string name;  // empty: this machine's
  std::vector<std::string> listen = {"[::]:631"};

  bool encrypted = false;
  bool mutual = false;
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path dial_certificate;
  std::filesystem::path dial_key;
  std::filesystem::path anchors;
  std::optional<std::filesystem::path> client_anchors;
  std::filesystem::path crl;
  int warn_days = 31;              // 1 to 3650
  bool public_ca_clients = false;  // S18
  bool common_name = true;         // S11
  bool revocation_required = false;
  bool stale_lists_count = false;
  std::vector<std::string> relaxed;
  std::vector<std::string> denied;  // fingerprints: 64 hexadecimal digits, colons or not
  std::vector<RelaxedCa> relaxed_cas;

  std::vector<std::string> administrators;
  std::vector<std::string> operators;

  std::size_t history_jobs_max = 10'000;  // 0 to 10,000,000
  int history_days_max = 30;              // 1 to 36,500

  std::optional<std::uint64_t> reserve_bytes;  // absent: what the spool takes by itself
  std::uint64_t document_bytes_max = 0;        // 0: no limit but the disk's
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 1'000;

  bool operator==(const ServerSettings&) const = default;
};

// Relative paths stand beside the file. Throws Error{ConfigurationWrong}, with the line.
ServerSettings parse_server_settings(std::string_view text, const std::filesystem::path& origin,
                                     const Places& places);

// The file of `places`, or the defaults where there is none.
ServerSettings load_server_settings(const Places& places);

}  // namespace ipm::settings
