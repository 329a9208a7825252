#pragma once
// Attributes that only this product's server and client know, beside those of IPP and CUPS: their
// names and what they carry. Clients that do not know them lose nothing.

#include <string_view>

namespace ipm::ipp::own {

// Delivered, or under way, to this device (text), under its own job-id (integer; absent: none).
inline constexpr std::string_view kDeliveredTo = "imprimatur-delivered-to";
inline constexpr std::string_view kDeviceJob = "imprimatur-device-job";
inline constexpr std::string_view kAttempts = "imprimatur-attempts";  // integer
// May be there twice, or in part (boolean).
inline constexpr std::string_view kDoubtful = "imprimatur-doubtful";
inline constexpr std::string_view kOwnerCertificate = "imprimatur-owner-certificate";
inline constexpr std::string_view kTlsVersion = "imprimatur-tls-version";

}  // namespace ipm::ipp::own
