#pragma once
// Where an installation keeps its files, on each operating system (S5), and under a root of its own
// for trials and tests (`--root DIR`, `IPM_ROOT=DIR`).

#include <filesystem>
#include <optional>
#include <string_view>

namespace ipm {

struct Places {
  std::filesystem::path configuration;  // /etc/ipm
  std::filesystem::path state;          // /var/lib/ipm
  std::filesystem::path log;            // /var/log/ipm
  std::filesystem::path run;            // /run/ipm

  std::filesystem::path anchors() const { return configuration / "ca-cert.pem"; }
  std::filesystem::path server_certificate() const { return configuration / "server-cert.pem"; }
  std::filesystem::path server_key() const { return configuration / "server-key.pem"; }
  std::filesystem::path client_certificate() const { return configuration / "client-cert.pem"; }
  std::filesystem::path client_key() const { return configuration / "client-key.pem"; }
  std::filesystem::path crl() const { return configuration / "crl.pem"; }
  std::filesystem::path server_configuration() const { return configuration / "ipmd.toml"; }
  std::filesystem::path client_configuration() const { return configuration / "ipm.toml"; }
  std::filesystem::path authority() const { return state / "ca"; }
  std::filesystem::path lists_in_force() const { return state / "lists-in-force.pem"; }
  std::filesystem::path spool_database() const { return state / "spool.db"; }
  std::filesystem::path documents() const { return state / "documents"; }
  std::filesystem::path error_log() const { return log / "error.log"; }
  std::filesystem::path socket() const { return run / "ipmd.sock"; }
};

// The system's places, or all of them under `root` when it is not empty.
Places places(const std::filesystem::path& root = {});

// `given` (from --root) if any, else IPM_ROOT if set, else empty: the system's places.
std::filesystem::path chosen_root(const std::optional<std::filesystem::path>& given);

}  // namespace ipm
