// The client of a measurement: the engine's configuration, a workspace's key, requests.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/flow.hpp"

namespace lntpay::bench {

/// A sandbox whose rate limit is never reached.
std::string config();

std::unique_ptr<host::Instance> make(const host::MakeInstance& make_instance);

/// A new workspace in a store without an open batch; yields its test key.
std::string bootstrap(host::Instance& instance, host::Store& store, FixedMoments& moments);

Input request(std::string method, std::string target, const std::string& token, std::string body = {},
              std::vector<Header> more = {});

/// The text between `before` and the next `end`.
std::string between(const std::string& text, std::string_view before, char end);

double micros(Nanos time);

/// The lower quartile: other load on the machine only adds time to a run, so the quick runs show the cost, and the
/// very quickest are outliers.
double lower_quartile(std::vector<double> values);
/// The value that this share of all values stays below.
double percentile(std::vector<double> values, double share);

}  // namespace lntpay::bench
