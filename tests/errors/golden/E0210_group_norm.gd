# groups that do not divide the channels
print(group_norm(ones(2, 6, 3), 4))
