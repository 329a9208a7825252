#include "output/device_answers.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace ipm::output {
namespace {

using ipp::Status;
using ippclient::Answer;
using ippclient::Silence;

// Whose matter each registered status is: D the device's, J this job's for now, R this job's for
// good, C somebody's at the device. The second letter: does asking for a job go on (w), is it worth
// some looks (s), or does it end at once (e)?
TEST(DeviceAnswers, EveryStatusOfIppHasItsRow) {
  struct Row {
    Status status;
    const char* meaning;
  };
  constexpr std::array kRows = {
      Row{Status::RedirectionOtherSite, "De"},
      Row{Status::BadRequest, "Re"},
      Row{Status::Forbidden, "Je"},
      Row{Status::NotAuthenticated, "Je"},
      Row{Status::NotAuthorized, "Je"},
      Row{Status::NotPossible, "Je"},
      Row{Status::Timeout, "Js"},
      Row{Status::NotFound, "De"},
      Row{Status::Gone, "De"},
      Row{Status::RequestEntityTooLarge, "Re"},
      Row{Status::RequestValueTooLong, "Re"},
      Row{Status::DocumentFormatNotSupported, "Re"},
      Row{Status::AttributesOrValuesNotSupported, "Re"},
      Row{Status::UriSchemeNotSupported, "Je"},
      Row{Status::CharsetNotSupported, "Je"},
      Row{Status::ConflictingAttributes, "Re"},
      Row{Status::CompressionNotSupported, "Re"},
      Row{Status::CompressionError, "Re"},
      Row{Status::DocumentFormatError, "Re"},
      Row{Status::DocumentAccessError, "Re"},
      Row{Status::AttributesNotSettable, "Re"},
      Row{Status::IgnoredAllSubscriptions, "Re"},
      Row{Status::TooManySubscriptions, "Je"},
      Row{Status::IgnoredAllNotifications, "Re"},
      Row{Status::PrintSupportFileNotFound, "Je"},
      Row{Status::DocumentPasswordError, "Re"},
      Row{Status::DocumentPermissionError, "Re"},
      Row{Status::DocumentSecurityError, "Re"},
      Row{Status::DocumentUnprintableError, "Re"},
      Row{Status::AccountInfoNeeded, "Je"},
      Row{Status::AccountClosed, "Je"},
      Row{Status::AccountLimitReached, "Je"},
      Row{Status::AccountAuthorizationFailed, "Je"},
      Row{Status::NotFetchable, "Je"},
      Row{Status::InternalError, "Js"},
      Row{Status::OperationNotSupported, "De"},
      Row{Status::ServiceUnavailable, "Dw"},
      Row{Status::VersionNotSupported, "De"},
      Row{Status::DeviceError, "Dw"},
      Row{Status::TemporaryError, "Dw"},
      Row{Status::NotAcceptingJobs, "Dw"},
      Row{Status::Busy, "Dw"},
      Row{Status::JobCanceled, "Ce"},
      Row{Status::MultipleDocumentJobsNotSupported, "Je"},
      Row{Status::PrinterIsDeactivated, "Dw"},
      Row{Status::TooManyJobs, "Dw"},
      Row{Status::TooManyDocuments, "Je"},
      Row{static_cast<Status>(0x04ff), "Je"},
      Row{static_cast<Status>(0x05ff), "Js"},
      Row{static_cast<Status>(0x0300), "Je"},
  };
  const auto text = [](const DeviceAnswer& answer) {
    std::string out = answer.outcome == Outcome::DeviceAway   ? "D"
                      : answer.outcome == Outcome::JobFailed  ? "J"
                      : answer.outcome == Outcome::JobRefused ? "R"
                                                              : "C";
    return out + (answer.looks == 0 ? "w" : answer.looks == 1 ? "e" : "s");
  };
  std::set<Status> seen;
  for (const Row& row : kRows) {
    EXPECT_EQ(text(meaning_of(row.status)), row.meaning)
        << ipp::status_label(static_cast<std::uint16_t>(row.status));
    seen.insert(row.status);
  }
  // Those of the catalogue that are no success, all of them.
#define IPM_STATUS(name, code, words) \
  EXPECT_TRUE(ipp::is_successful(Status::name) || seen.count(Status::name) == 1) << words;
#include "ipp/statuses.def"
#undef IPM_STATUS
}

TEST(DeviceAnswers, EveryStatusOfHttpHasItsRow) {
  for (const int status : {301, 302, 303, 307, 308, 401, 404, 405, 407, 408, 410, 417, 421, 426,
                           429, 502, 503, 504, 505}) {
    EXPECT_EQ(meaning_of_http(status).outcome, Outcome::DeviceAway) << status;
  }
  for (const int status : {201, 204, 400, 403, 409, 411, 415, 431, 499, 500, 501, 599}) {
    EXPECT_EQ(meaning_of_http(status).outcome, Outcome::JobFailed) << status;
    EXPECT_GT(meaning_of_http(status).looks, 0) << status;
  }
  EXPECT_EQ(meaning_of_http(413).outcome, Outcome::JobRefused);
  for (const int status : {301, 302, 303, 307, 308, 404, 405, 410, 421}) {
    EXPECT_EQ(meaning_of_http(status).mend, Mend::Address) << status;
  }
  EXPECT_EQ(meaning_of_http(401).mend, Mend::Credentials);
  EXPECT_EQ(meaning_of_http(426).mend, Mend::UseTls);
}

TEST(DeviceAnswers, EverySilenceHasItsRow) {
  for (const auto silence :
       {Silence::Unreachable, Silence::TlsRefused, Silence::Broken, Silence::TimedOut}) {
    EXPECT_EQ(meaning_of(silence).outcome, Outcome::DeviceAway);
    EXPECT_EQ(meaning_of(silence).looks, 0);
  }
  for (const auto silence : {Silence::Unintelligible, Silence::Undecodable}) {
    EXPECT_EQ(meaning_of(silence).outcome, Outcome::JobFailed);
    EXPECT_GT(meaning_of(silence).looks, 1);
  }
  EXPECT_EQ(meaning_of(Silence::Ours).outcome, Outcome::JobRefused);
}

TEST(DeviceAnswers, TheDevicesWordsAreHarmlessAndShort) {
  auto reply = ipp::Message::reply(Status::Forbidden, {});
  reply.groups.front().add_text("status-message", "\x1b[31mno\n" + std::string(2000, 'x'));
  Answer answer;
  answer.reply = reply;
  const auto words = words_of(answer, parse_uri("ipp://printer/ipp/print"));
  EXPECT_EQ(words.find('\x1b'), std::string::npos);
  EXPECT_EQ(words.find('\n'), std::string::npos);
  EXPECT_LT(words.size(), 500U);
  EXPECT_NE(words.find("client-error-forbidden"), std::string::npos);
}

TEST(DeviceAnswers, ARefusedCertificateSaysHowToMendThat) {
  Answer answer;
  answer.silence = Silence::TlsRefused;
  answer.error =
      Error(Message::PeerRefused, "its CA is unknown", "a known one", "ipm trust install CA.pem");
  EXPECT_NE(words_of(answer, parse_uri("ipps://printer/")).find("ipm trust install"),
            std::string::npos);
}

}  // namespace
}  // namespace ipm::output
