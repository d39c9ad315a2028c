// Who asks in a measurement: an engine's settings, a workspace's key, requests.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/flow.hpp"

namespace lntpay::bench {

/// A sandbox whose rate limit nobody meets.
std::string config();

std::unique_ptr<host::Instance> make(const host::MakeInstance& make_instance);

/// A new workspace in a store without an open batch; yields its test key.
std::string bootstrap(host::Instance& instance, host::Store& store, FixedMoments& moments);

Input request(std::string method, std::string target, const std::string& token, std::string body = {},
              std::vector<Header> more = {});

/// What stands in the text between `before` and the next `end`.
std::string between(const std::string& text, std::string_view before, char end);

double micros(Nanos time);

/// What a quarter of all values stays below: what others do on this machine only ever adds to a run, so the quick ones tell the
/// price, and the very quickest were lucky.
double lower_quartile(std::vector<double> values);
/// What all but this share of the values stays below.
double percentile(std::vector<double> values, double share);

}  // namespace lntpay::bench
