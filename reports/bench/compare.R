# Times R's survival and cmprsk on one CSV (days, cause, arm, risk, low, high): best of `repeats`, in seconds.
suppressPackageStartupMessages({library(survival); library(cmprsk)})
arguments <- commandArgs(trailingOnly = TRUE)
d <- read.csv(arguments[1])
repeats <- as.integer(arguments[2])
d$event <- as.integer(d$cause > 0)
# R's clock ticks in milliseconds: small data are fitted many times between two looks at it.
inner <- if (nrow(d) < 10000) 50 else 1
best <- function(f) min(replicate(repeats, system.time(for (i in seq_len(inner)) f())[["elapsed"]])) / inner
km <- best(function() summary(survfit(Surv(days, event) ~ 1, data = d, conf.type = "log-log"), times = 365, extend = TRUE))
cox <- best(function() coxph(Surv(days, event) ~ arm + risk + low + high, data = d, ties = "breslow"))
cif <- best(function() timepoints(cuminc(d$days, d$cause), 365))
fit <- coxph(Surv(days, event) ~ arm + risk + low + high, data = d, ties = "breslow")
surv <- summary(survfit(Surv(days, event) ~ 1, data = d), times = 365, extend = TRUE)$surv
cat(sprintf("%.6f %.6f %.6f %.12f %.12f %.12f\n", km, cox, cif, surv, coef(fit)[["arm"]],
            timepoints(cuminc(d$days, d$cause), 365)$est[1]))
