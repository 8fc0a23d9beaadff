#pragma once

namespace danwa::infra {

/// Makes the standard streams safe to use; `main` calls it first. A stream that the parent has closed becomes
/// /dev/null. Otherwise the next open file, for example a database, gets its number and with it the log lines. SIGPIPE
/// is ignored, so a reader that goes away does not end the process.
void prepare_standard_streams();

}  // namespace danwa::infra
