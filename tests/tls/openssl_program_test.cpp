// Our streams against the openssl program: s_client dials us, we dial s_server.
#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <future>

#include "support.h"

namespace ipm::tls::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Pipe = std::unique_ptr<FILE, int (*)(FILE*)>;

Pipe run(const std::string& command) {
  Pipe pipe(::popen(("cd " + certificates().string() + " && " + command).c_str(), "r"), ::pclose);
  if (!pipe) throw std::runtime_error("popen failed");
  return pipe;
}

std::string rest_of(FILE* pipe) {
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe);
    if (count == 0) return text;
    text.append(buffer.data(), count);
  }
}

// --- s_client
// ---------------------------------------------------------------------------------------

struct DialledByOpenssl : testing::Test {
  asio::io_context io{1};
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::shared_ptr<const Generation> generation = build(server_sources());
  std::optional<Peer> peer;
  std::optional<Protection> protection;
  std::optional<Error> error;

  // What the program prints; it sends "ping" and gets it back.
  std::string dial_with(const std::string& options) {
    const std::string command =
        "echo ping | openssl s_client -connect 127.0.0.1:" +
        std::to_string(acceptor.local_endpoint().port()) +
        " -servername ipmsrv.example.com -verify_hostname ipmsrv.example.com -CAfile ca-cert.pem "
        "-verify_return_error -ign_eof " +
        options + " 2>&1";
    auto output = std::async(std::launch::async, [&] { return rest_of(run(command).get()); });
    Stream stream(net::make_transport(acceptor.accept(), "s_client"));
    Walk walk;
    start(
        io,
        [&]() -> awaitable<void> {
          stream.expires_after(std::chrono::seconds(10));
          co_await stream.accept_tls(generation);
          const auto text = co_await read_exactly(stream, 5);
          co_await stream.write(bytes_of(text));
          co_await stream.close();
        },
        walk);
    run_to_end(io, walk);
    stream.abort();
    error = error_of(walk.failure);
    peer = stream.peer();
    protection = stream.protection();
    return output.get();
  }
};

TEST_F(DialledByOpenssl, S1_MutualTls13) {
  const auto output = dial_with("-cert client-cert.pem -key client-key.pem -tls1_3");
  EXPECT_THAT(output,
              AllOf(HasSubstr("Verification: OK"), HasSubstr("TLSv1.3"), HasSubstr("\nping")));
  EXPECT_FALSE(error) << error->what();
  EXPECT_EQ(peer->name, "ipmclient.example.com");
}

TEST_F(DialledByOpenssl, S1_MutualTls12) {
  const auto output = dial_with("-cert client-cert.pem -key client-key.pem -tls1_2");
  EXPECT_THAT(output, AllOf(HasSubstr("Verification: OK"), HasSubstr("ECDHE-ECDSA-"),
                            HasSubstr("\nping"), HasSubstr("Secure Renegotiation IS supported"),
                            HasSubstr("Compression: NONE")));
  EXPECT_EQ(peer->name, "ipmclient.example.com");
}

TEST_F(DialledByOpenssl, WithoutACertificateItHearsThatOneIsRequired) {
  const auto output = dial_with("-tls1_3");
  EXPECT_THAT(output, HasSubstr("alert number 116"));  // certificate_required
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), Message::PeerCertificateMissing);
}

TEST_F(DialledByOpenssl, S8_AServersCertificateHearsThatItIsTheWrongKind) {
  const auto output = dial_with("-cert server-only-cert.pem -key server-only-key.pem -tls1_3");
  EXPECT_THAT(output, HasSubstr("alert number 43"));  // unsupported_certificate
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("S8: found"));
}

TEST_F(DialledByOpenssl, OldVersionsHearThatTheyAreTooOld) {
  const auto output =
      dial_with("-cert client-cert.pem -key client-key.pem -tls1_1 -cipher ALL:@SECLEVEL=0");
  EXPECT_THAT(output, HasSubstr("alert number 70"));  // protocol_version
  ASSERT_TRUE(error);
}

TEST_F(DialledByOpenssl, ASessionIsResumed) {
  const std::string with = "-cert client-cert.pem -key client-key.pem ";
  EXPECT_THAT(dial_with(with + "-sess_out session.pem"), HasSubstr("New, TLSv1.3"));
  EXPECT_THAT(dial_with(with + "-sess_in session.pem"), HasSubstr("Reused, TLSv1.3"));
  EXPECT_TRUE(protection->resumed);
  EXPECT_EQ(peer->name, "ipmclient.example.com");
}

// --- s_server
// ---------------------------------------------------------------------------------------

struct DialsOpenssl : testing::Test {
  asio::io_context io{1};

  // Dials the program, asks for its page, and gives it back.
  std::string page_of(const std::string& options, const std::string& client_stem,
                      std::optional<Error>& error) {
    auto server =
        run("openssl s_server -accept 127.0.0.1:0 -cert server-cert.pem -key "
            "server-key.pem -CAfile ca-cert.pem -naccept 1 -www " +
            options + " 2>&1 < /dev/null");
    std::string line;
    for (int c = 0; line.find("ACCEPT ") == std::string::npos || line.back() != '\n';) {
      c = std::fgetc(server.get());
      if (c == EOF) throw std::runtime_error("s_server did not start: " + line);
      line += static_cast<char>(c);
    }
    const auto port = static_cast<unsigned short>(std::stoi(line.substr(line.rfind(':') + 1)));
    asio::ip::tcp::socket socket(io);
    socket.connect({asio::ip::address_v4::loopback(), port});
    Stream stream(net::make_transport(std::move(socket), "s_server"));
    std::string page;
    Walk walk;
    const auto client = build(client_sources(client_stem));
    start(
        io,
        [&]() -> awaitable<void> {
          stream.expires_after(std::chrono::seconds(10));
          co_await stream.connect_tls(client, expect_name());
          co_await stream.write(bytes_of("GET / HTTP/1.0\r\n\r\n"));
          page = co_await read_exactly(stream, 1U << 20U);
        },
        walk);
    run_to_end(io, walk);
    stream.abort();
    error = error_of(walk.failure);
    rest_of(server.get());
    return page;
  }
};

TEST_F(DialsOpenssl, S1_MutualInBothVersions) {
  for (const char* const version : {"-tls1_2", "-tls1_3"}) {
    std::optional<Error> error;
    const auto page =
        page_of("-Verify 2 -verify_return_error " + std::string(version), "client", error);
    EXPECT_FALSE(error) << error->what();
    EXPECT_THAT(page, AllOf(HasSubstr("200 ok"), HasSubstr("ipmclient.example.com")));
  }
}

TEST_F(DialsOpenssl, AServerThatDoesNotAskIsServedToo) {
  std::optional<Error> error;
  EXPECT_THAT(page_of("", "", error), HasSubstr("200 ok"));
  EXPECT_FALSE(error) << error->what();
}

TEST_F(DialsOpenssl, TheRefusalOfOurCertificateIsPutIntoWords) {
  for (const char* const version : {"-tls1_2", "-tls1_3"}) {
    std::optional<Error> error;
    page_of("-Verify 2 -verify_return_error " + std::string(version), "client-other-ca", error);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->message(), Message::PeerRefused) << error->what();
    EXPECT_THAT(error->what(), HasSubstr("unknown_ca"));
    EXPECT_THAT(error->what(), HasSubstr("ipm trust install"));
  }
}

TEST_F(DialsOpenssl, AServerThatWantsACertificateWhereWeHaveNoneIsPutIntoWords) {
  for (const char* const version : {"-tls1_2", "-tls1_3"}) {
    std::optional<Error> error;
    page_of("-Verify 2 " + std::string(version), "", error);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->message(), Message::PeerCertificateMissing) << error->what();
  }
}

}  // namespace
}  // namespace ipm::tls::test
