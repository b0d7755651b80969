%% generated
{application, jason, [{vsn, "1.4.1"}, {applications, [kernel, stdlib]}]}.
