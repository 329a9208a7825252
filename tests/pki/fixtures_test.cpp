// Not a test of its own: the fixtures' making, in one translation unit of the suite.
#include <openssl/err.h>

#include "fixtures.h"

namespace ipm::pki::test {

namespace {

constexpr std::string_view kCaConfiguration = R"([ca]
default_ca = here
[here]
database = {}/index.txt
crlnumber = {}/crlnumber
default_md = sha256
default_crl_days = 30
crl_extensions = list
[list]
authorityKeyIdentifier = keyid:always
)";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

const Fixtures& Fixtures::get() {
  static const Fixtures kFixtures;
  return kFixtures;
}

void Fixtures::openssl(const std::vector<std::string>& words) const {
  std::vector<std::string> command = {"openssl"};
  command.insert(command.end(), words.begin(), words.end());
  ipm::test::run_to_success(command);
}

void Fixtures::write(const std::string& name, std::string_view bytes) const {
  write_file({path(name), bytes, os::Privacy::Everyone});
}

Fixtures::Fixtures() {
  auto p = [this](const std::string& name) { return path(name); };
  const std::string secret = "pass:secret";
  // Keys.
  openssl({"ecparam", "-name", "prime256v1", "-genkey", "-out", p("ec.pem")});
  openssl({"pkcs8", "-topk8", "-nocrypt", "-in", p("ec.pem"), "-out", p("ec8.pem")});
  openssl(
      {"pkcs8", "-topk8", "-nocrypt", "-in", p("ec.pem"), "-outform", "DER", "-out", p("ec8.der")});
  openssl({"ec", "-in", p("ec.pem"), "-outform", "DER", "-out", p("ec.der")});
  openssl({"pkcs8", "-topk8", "-in", p("ec.pem"), "-passout", secret, "-out", p("ec-pbkdf2.pem")});
  openssl({"pkcs8", "-topk8", "-scrypt", "-in", p("ec.pem"), "-passout", secret, "-out",
           p("ec-scrypt.pem")});
  openssl({"pkcs8", "-topk8", "-in", p("ec.pem"), "-passout", secret, "-outform", "DER", "-out",
           p("ec-encrypted.der")});
  openssl({"ec", "-in", p("ec.pem"), "-aes256", "-passout", secret, "-out",
           p("ec-traditional-encrypted.pem")});
  openssl({"pkey", "-in", p("ec.pem"), "-pubout", "-out", p("ec-public.pem")});
  openssl({"pkey", "-in", p("ec.pem"), "-pubout", "-outform", "DER", "-out", p("ec-public.der")});
  openssl(
      {"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", p("rsa.pem")});
  openssl({"rsa", "-in", p("rsa.pem"), "-traditional", "-out", p("rsa-traditional.pem")});
  openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out",
           p("rsa1024.pem")});
  openssl({"genpkey", "-algorithm", "ED25519", "-out", p("ed25519.pem")});
  openssl({"genpkey", "-algorithm", "ED448", "-out", p("ed448.pem")});
  openssl({"genpkey", "-algorithm", "X25519", "-out", p("x25519.pem")});
  openssl({"ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", p("p384.pem")});
  openssl({"ecparam", "-name", "secp521r1", "-genkey", "-noout", "-out", p("p521.pem")});
  openssl({"ecparam", "-name", "prime192v1", "-genkey", "-noout", "-out", p("p192.pem")});
  openssl({"ecparam", "-name", "secp256k1", "-genkey", "-noout", "-out", p("koblitz.pem")});
  openssl({"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-param_enc", "explicit", "-out",
           p("explicit.pem")});
  // A CA, a server's certificate to the letter of S11, and what goes with them.
  openssl({"req", "-x509", "-new", "-key", p("ec.pem"), "-subj", "/O=Acme/CN=Acme CA", "-days",
           "3650", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext",
           "keyUsage=critical,keyCertSign,cRLSign", "-out", p("ca.pem")});
  openssl({"req", "-new", "-key", p("rsa.pem"), "-subj", "/C=DE/O=Acme/CN=ipmsrv.example.com",
           "-addext",
           "subjectAltName=DNS:alt1.example.com,DNS:alt2.example.com,IP:10.0.0.1,IP:fc00::1",
           "-out", p("server.csr")});
  openssl({"req", "-in", p("server.csr"), "-outform", "DER", "-out", p("server.csr.der")});
  write(
      "server.ext",
      "subjectAltName=DNS:alt1.example.com,DNS:alt2.example.com,IP:10.0.0.1,IP:fc00::1\n"
      "extendedKeyUsage=serverAuth,clientAuth\nkeyUsage=critical,digitalSignature,keyEncipherment\n"
      "basicConstraints=critical,CA:FALSE\nauthorityKeyIdentifier=keyid\n"
      "subjectKeyIdentifier=hash\n");
  openssl({"x509", "-req", "-in", p("server.csr"), "-CA", p("ca.pem"), "-CAkey", p("ec.pem"),
           "-set_serial", "0x0A1B2C", "-days", "397", "-extfile", p("server.ext"), "-out",
           p("server.pem")});
  openssl({"x509", "-in", p("server.pem"), "-outform", "DER", "-out", p("server.der")});
  openssl({"x509", "-in", p("server.pem"), "-trustout", "-addtrust", "serverAuth", "-out",
           p("trusted.pem")});
  openssl({"pkcs12", "-export", "-inkey", p("rsa.pem"), "-in", p("server.pem"), "-passout", secret,
           "-out", p("server.p12")});
  openssl({"crl2pkcs7", "-nocrl", "-certfile", p("server.pem"), "-out", p("server.p7b")});
  openssl({"crl2pkcs7", "-nocrl", "-certfile", p("server.pem"), "-outform", "DER", "-out",
           p("server.p7b.der")});
  // A revocation list with four entries, one of them a long serial.
  write("index.txt",
        "R\t300101000000Z\t260101000000Z,keyCompromise\t0A1B2C\tunknown\t/CN=a\n"
        "R\t300101000000Z\t260102000000Z\t02\tunknown\t/CN=b\n"
        "R\t300101000000Z\t260103000000Z,superseded\tFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\tunknown\t/"
        "CN=c\n"
        "V\t300101000000Z\t\t05\tunknown\t/CN=d\n");
  write("crlnumber", "1000\n");
  write("ca.cnf", replaced(std::string(kCaConfiguration), "{}", folder_.path().string()));
  openssl({"ca", "-config", p("ca.cnf"), "-gencrl", "-keyfile", p("ec.pem"), "-cert", p("ca.pem"),
           "-out", p("list.pem")});
  openssl({"crl", "-in", p("list.pem"), "-outform", "DER", "-out", p("list.der")});
}

bool error_queue_is_empty() {
  const bool empty = ERR_peek_error() == 0;
  ERR_clear_error();
  return empty;
}

}  // namespace ipm::pki::test
