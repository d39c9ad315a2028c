module paid-reports

go 1.22
