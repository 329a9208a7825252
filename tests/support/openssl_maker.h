#pragma once
// Certificates made by the openssl program: another implementation than the one under test.

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace ipm::test {

struct CommandResult {
  int code = -1;
  std::string output;  // Standard output and error.
};

// Runs a shell command line that the test itself wrote.
inline CommandResult run_command(const std::string& line, const std::filesystem::path& scratch) {
  const auto log = scratch / "command.log";
  const int status = std::system((line + " >" + log.string() + " 2>&1 </dev/null").c_str());
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text.str()};
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// What a self-signed certificate of a test holds.
struct Recipe {
  std::string subject = "/CN=ipmsrv.example.com";
  std::vector<std::string> extensions;  // Lines of an openssl.cnf section.
  std::string key = "p256";             // p256, rsa2048, rsa1024, ed25519, p192, dsa
  std::string digest = "sha256";
  int days = 365;
  std::string serial = "0x1001";
};

// Keys are made once and shared by all certificates of one maker.
class OpensslMaker {
 public:
  // PEM.
  std::string make(const Recipe& recipe) const {
    const auto config = folder_ / "request.cnf";
    std::ofstream file(config);
    file << "[req]\ndistinguished_name=dn\nutf8=yes\nstring_mask=utf8only\n[dn]\n[ext]\n";
    for (const auto& line : recipe.extensions) file << line << "\n";
    file.close();
    const auto out = folder_ / "certificate.pem";
    must("openssl req -x509 -new -utf8 -key " + key_file(recipe.key).string() + " -subj '" +
         recipe.subject + "' -" + recipe.digest + " -days " + std::to_string(recipe.days) +
         " -set_serial " + recipe.serial + " -config " + config.string() +
         " -extensions ext -out " + out.string());
    return file_text(out);
  }

  // Version 1: no extensions at all. By the library, for the program of OpenSSL 3.5 makes no more of
  // them.
  std::string make_version_1(const std::string& common_name) const {
    const std::string key_text = file_text(key_file("p256"));
    const std::unique_ptr<BIO, decltype(&BIO_free)> in(
        BIO_new_mem_buf(key_text.data(), static_cast<int>(key_text.size())), BIO_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), X509_VERSION_1);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 0x1001);
    X509_NAME* const name = X509_get_subject_name(made.get());
    const std::vector<unsigned char> bytes(common_name.begin(), common_name.end());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes.data(),
                               static_cast<int>(bytes.size()), -1, 0);
    X509_set_issuer_name(made.get(), name);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 30L * 86'400);
    X509_set_pubkey(made.get(), key.get());
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    if (X509_sign(made.get(), key.get(), EVP_sha256()) == 0 ||
        PEM_write_bio_X509(out.get(), made.get()) != 1) {
      throw std::runtime_error("no certificate of version 1 could be made");
    }
    std::string pem(BIO_ctrl_pending(out.get()), '\0');
    BIO_read(out.get(), pem.data(), static_cast<int>(pem.size()));
    return pem;
  }

  std::filesystem::path key_file(const std::string& kind) const {
    auto path = folder_ / (kind + ".key");
    if (std::filesystem::exists(path)) return path;
    std::string line;
    if (kind == "dsa") {
      const auto parameters = (folder_ / "dsa.parameters").string();
      must("openssl dsaparam -out " + parameters + " 1024");
      line = "openssl genpkey -paramfile " + parameters;
    } else if (kind.starts_with("rsa")) {
      line = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:" + kind.substr(3);
    } else if (kind == "ed25519") {
      line = "openssl genpkey -algorithm ED25519";
    } else {
      const std::string curve = kind == "p192" ? "prime192v1" : "P-256";
      line = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:" + curve;
    }
    must(line + " -out " + path.string());
    return path;
  }

  const std::filesystem::path& folder() const { return folder_.path(); }

  CommandResult run(const std::string& line) const { return run_command(line, folder_.path()); }

 private:
  void must(const std::string& line) const {
    const auto result = run(line);
    if (result.code != 0) throw std::runtime_error(line + "\n" + result.output);
  }

  TemporaryFolder folder_;
};

}  // namespace ipm::test
