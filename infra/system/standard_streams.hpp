#pragma once

namespace danwa::infra {

/// Makes the standard streams safe to use, first thing in main. A stream that the parent has closed becomes /dev/null:
/// else the next file that is opened, a database say, would get its number and the log lines. SIGPIPE is ignored, so
/// that a reader who goes away does not end the process.
void prepare_standard_streams();

}  // namespace danwa::infra
